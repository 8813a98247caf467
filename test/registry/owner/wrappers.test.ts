import { afterAll, beforeAll, expect } from "bun:test";
import { Agent, MANNERS } from "../../agent.ts";
import { needs } from "../../needs.ts";
import { ASK, expectOwner, ShellSandbox } from "../../shell-sandbox.ts";

const WORDS = ASK.split(" ");

/** Programs that run another one; `HOME` stands for the sandbox's own. */
const WRAPPERS = [
  ["env", "A=1", ...WORDS],
  ["timeout", "20", ...WORDS],
  ["nice", ...WORDS],
  ["nohup", ...WORDS],
  ["setsid", "--wait", ...WORDS],
  ["setsid", "--fork", "--wait", ...WORDS],
  ["stdbuf", "-oL", ...WORDS],
  ["ionice", "-c", "3", ...WORDS],
  ["taskset", "1", ...WORDS],
  ["prlimit", "--nofile=512", ...WORDS],
  ["setarch", "--addr-no-randomize", ...WORDS],
  ["setpriv", "--no-new-privs", ...WORDS],
  ["flock", "HOME/lock", ...WORDS],
  ["flock", "HOME/lock", "-c", ASK],
  ["script", "-qec", ASK, "/dev/null"],
  ["strace", "-f", "-o", "/dev/null", ...WORDS],
  ["su", "-p", "-c", `"HOME/bin/portclaim" ${WORDS.slice(1).join(" ")}`, "root"],
  ["runuser", "-u", "root", "--", ...WORDS],
  ["bwrap", "--dev-bind", "/", "/", ...WORDS],
  ["unshare", "--mount", ...WORDS],
  ["timeout", "20", "bash", "-c", `PORT=$(${ASK}); echo $PORT`],
  ["bash", "-c", `echo web | xargs portclaim acquire --service | cat`],
  ["bash", "-c", `timeout 20 env A=1 nice sh -c '${ASK}; true'`],
];

const AS_ROOT = new Set(["su", "runuser", "unshare"]);

for (const [manner, how] of MANNERS) {
  needs("Linux").describe(`the agent owns a claim that it makes ${manner}`, () => {
    let sandbox: ShellSandbox;
    let agent: Agent;
    beforeAll(async () => {
      sandbox = new ShellSandbox();
      agent = await Agent.start(sandbox);
    });
    afterAll(() => sandbox[Symbol.asyncDispose]());

    for (const [i, argv] of WRAPPERS.entries()) {
      const [program = ""] = argv;
      const { test } = needs("Linux", program, ...(AS_ROOT.has(program) ? ["root"] : []));
      test(`by ${argv.join(" ")}`, async () => {
        const command = argv.map((word) =>
          word.replaceAll("HOME", sandbox.path("")).replaceAll(/\bweb\b/g, `web-${i}`),
        );
        const claim = await sandbox.claimOf(await agent.exec(command, how));
        expect(claim.service).toBe(`web-${i}`);
        expectOwner(claim, agent.pid);
      });
    }

    needs("Linux").test("and until it exits", async () => {
      const claims = await sandbox.list();
      expect(claims.map(({ state }) => state)).toEqual(claims.map(() => "starting"));
      expect(claims.length).toBeGreaterThan(0);
      await agent.kill();
      expect(await sandbox.reapLater(...claims)).toEqual([]);
    });
  });
}
