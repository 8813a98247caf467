import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Agent, MANNERS } from "../../agent.ts";
import { canStage, buildBinary, Scene, startOf } from "../../shell-sandbox.ts";

const ASK = ["portclaim", "acquire", "--service", "web"];
const LINE = ASK.join(" ");

/** Programs that run another one; `WORLD` stands for the world's own folder. */
const WRAPPERS = [
  ["env", "A=1", ...ASK],
  ["timeout", "20", ...ASK],
  ["nice", ...ASK],
  ["nohup", ...ASK],
  ["setsid", "--wait", ...ASK],
  ["setsid", "--fork", "--wait", ...ASK],
  ["stdbuf", "-oL", ...ASK],
  ["ionice", "-c", "3", ...ASK],
  ["taskset", "1", ...ASK],
  ["prlimit", "--nofile=512", ...ASK],
  ["setarch", "--addr-no-randomize", ...ASK],
  ["setpriv", "--no-new-privs", ...ASK],
  ["flock", "WORLD/lock", ...ASK],
  ["flock", "WORLD/lock", "-c", LINE],
  ["script", "-qec", LINE, "/dev/null"],
  ["strace", "-f", "-o", "/dev/null", ...ASK],
  ["su", "-p", "-c", `WORLD/bin/${LINE}`, "root"],
  ["runuser", "-u", "root", "--", ...ASK],
  ["bwrap", "--dev-bind", "/", "/", ...ASK],
  ["unshare", "--mount", ...ASK],
  ["timeout", "20", "bash", "-c", `PORT=$(${LINE}); echo $PORT`],
  ["bash", "-c", `echo web | xargs portclaim acquire --service | cat`],
  ["bash", "-c", `timeout 20 env A=1 nice sh -c '${LINE}; true'`],
];

const asRoot = new Set(["su", "runuser", "unshare"]);

const canRun = ([program = ""]: string[]) =>
  canStage(program) && (!asRoot.has(program) || process.getuid?.() === 0);

beforeAll(buildBinary);

for (const [manner, how] of MANNERS) {
  describe.if(canStage())(`the owner is an agent that started, ${manner},`, () => {
    let scene: Scene;
    let agent: Agent;
    beforeAll(async () => {
      scene = new Scene();
      agent = await Agent.start(scene);
    });
    afterAll(() => scene[Symbol.asyncDispose]());

    for (const [i, argv] of WRAPPERS.entries()) {
      test.if(canRun(argv))(argv.join(" "), async () => {
        const command = argv.map((word) =>
          word.replaceAll("WORLD", scene.path("")).replaceAll(/\bweb\b/g, `web-${i}`),
        );
        const claim = await scene.claimOf(await agent.exec(command, how));
        expect(claim.service).toBe(`web-${i}`);
        expect(claim.pid).toBe(agent.pid);
        expect(claim.owner?.start).toBe(startOf(agent.pid) ?? "");
      });
    }

    test("and nothing that was started in between keeps a claim", async () => {
      const claims = await scene.list();
      expect(claims.map(({ state }) => state)).toEqual(claims.map(() => "starting"));
      expect(claims.length).toBeGreaterThan(0);
      await agent.kill();
      for (const claim of claims) await scene.age(claim, 60);
      expect(await scene.reap()).toEqual([]);
    });
  });
}
