import { beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { Agent } from "../../agent.ts";
import { type Result, until } from "../../harness.ts";
import { canOwnPids } from "../../privileged.ts";
import {
  ASK,
  canStage,
  buildBinary,
  isGone,
  kill,
  parentOf,
  Scene,
  startOf,
} from "../../shell-sandbox.ts";

/** The only child of a process, once it has one. */
const childOf = (pid: number): Promise<number> =>
  until("it has a child", () =>
    readdirSync("/proc")
      .map(Number)
      .find((other) => other > 0 && parentOf(other) === pid),
  );

const UNSHARE = "unshare --pid --fork --mount-proc".split(" ");

/** Starts a container as far as pids go, of one process that leads a session; returns its pid. */
async function container(scene: Scene, first: string[] = ["sleep", "1000"]): Promise<number> {
  const pid = await childOf(scene.spawn([...UNSHARE, "setsid", ...first]).pid);
  const name = () => readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  await until("it runs its program", () => !["unshare", "setsid"].includes(name()));
  return pid;
}

/** Runs a command in a container, as \`docker exec\` does. */
const enter = (scene: Scene, pid: number, ...argv: string[]): Promise<Result> =>
  scene.exec([
    "nsenter",
    "--target",
    String(pid),
    "--pid",
    "--mount",
    `--wdns=${scene.cwd}`,
    ...argv,
  ]);

beforeAll(buildBinary);

describe.if(canStage() && canOwnPids)("in a pid namespace", () => {
  const CALLS = {
    "portclaim itself": ASK.split(" "),
    "sh -c": ["sh", "-c", `PORT=$(${ASK}); echo $PORT`],
    "bash -lc with a pipe": ["bash", "-lc", `PORT=$(${ASK} | cat); echo $PORT`],
  };
  test.each(Object.entries(CALLS))(
    "what is called from outside owns as its first process: %s",
    async (_name, argv) => {
      await using scene = new Scene();
      const first = await container(scene);
      const claim = await scene.claimOf(await enter(scene, first, "setsid", ...argv));
      expect(claim.pid).toBe(1);
      expect(claim.owner?.start).toBe(startOf(first) ?? "");
      expect(claim.owner?.command).toBe("sleep");

      const inside = await enter(scene, first, "portclaim", "list", "--json");
      expect(JSON.parse(inside.out)).toMatchObject([{ port: claim.port, state: "starting" }]);
    },
  );

  // Without setsid, both are in groups from outside, which have no number in there.
  test.each(Object.entries(CALLS))(
    "process groups may be out of sight: %s",
    async (_name, argv) => {
      await using scene = new Scene();
      const first = await childOf(scene.spawn([...UNSHARE, "sleep", "1000"]).pid);
      const claim = await scene.claimOf(await enter(scene, first, ...argv));
      const { out, err } = await enter(scene, first, "portclaim", "list", "--json");
      expect(err).toBe("");
      expect(JSON.parse(out)).toMatchObject([{ port: claim.port, pid: 1, state: "starting" }]);

      kill(first);
      await until("the container is gone", () => isGone(first));
      await scene.age(claim, 60);
      expect(await scene.reap()).toEqual([]);
    },
  );

  test("a claim is unknown from outside, kept while the namespace lives, and then reaped", async () => {
    await using scene = new Scene();
    const first = await container(scene);
    const claim = await scene.claimOf(await enter(scene, first, "setsid", ...ASK.split(" ")));
    expect((await scene.list()).map(({ state }) => state)).toEqual(["unknown"]);
    expect(await scene.reap()).toEqual(["web"]);

    kill(first);
    await until("the container is gone", () => isGone(first));
    await scene.age(claim, 60);
    expect(await scene.reap()).toEqual([]);
  });

  test("a shell that is its first process owns what it asks for", async () => {
    await using scene = new Scene();
    const line = `PORT=$(${ASK} | cat); echo $PORT > ~/port; sleep 1000`;
    const first = await container(scene, ["sh", "-c", line]);
    const claim = await scene.claimOf(await scene.read("port"));
    expect(claim.pid).toBe(1);
    expect(claim.owner?.start).toBe(startOf(first) ?? "");
  });

  test("a server in it owns what its shells ask for, not its first process", async () => {
    await using scene = new Scene();
    const code = `
      const port = require("child_process").execSync("${ASK} | cat").toString();
      require("fs").writeFileSync(process.env.HOME + "/said", process.pid + " " + port);
      setInterval(() => {}, 1000);`;
    await container(scene, ["sh", "-c", `node ${scene.write("dev.js", code)}; true`]);
    const [pid, port] = (await scene.read("said")).split(" ").map(Number);
    expect((await scene.claimOf(String(port))).pid).toBe(pid ?? 0);
    expect(pid).toBeGreaterThan(1);
  });

  test("an orphan owns as its first process", async () => {
    await using scene = new Scene();
    const orphan = `( while kill -0 $$ 2> /dev/null; do :; done; exec ${ASK} > ~/port ) &`;
    const first = await container(scene, ["sh", "-c", `bash -c '${orphan}'; sleep 1000`]);
    const claim = await scene.claimOf(await scene.read("port"));
    expect(claim.pid).toBe(1);
    expect(claim.owner?.start).toBe(startOf(first) ?? "");
  });

  test("with the /proc of another namespace, it never claims for a stranger", async () => {
    await using scene = new Scene();
    // As in a sandbox without a /proc of its own: pids there are not those that /proc shows.
    const line = `PORT=$(${ASK} 2> ~/error | cat); echo port $PORT > ~/said; sleep 1000`;
    const sandbox = scene.spawn(["unshare", "--pid", "--fork", "sh", "-c", line]);
    const first = await childOf(sandbox.pid);
    const port = Number((await scene.read("said")).split(" ")[1]);
    const claim = await scene.claim(port);
    // That of its first process, whose start is the same on either side, or an error.
    if (claim === undefined) expect(await scene.read("error")).toContain("Cannot");
    else expect(claim.owner?.start).toBe(startOf(first) ?? "");
  });
});

describe.if(canStage("bwrap") && canOwnPids)("in a bubblewrap sandbox", () => {
  const BWRAP = "bwrap --dev-bind / / --unshare-pid --die-with-parent".split(" ");
  const line = `PORT=$(${ASK} | cat); echo $PORT > ~/port; sleep 1000`;

  test("with a /proc of its own, its first process owns the claim", async () => {
    await using scene = new Scene();
    const agent = await Agent.start(scene);
    await agent.open([...BWRAP, "--proc", "/proc", "bash", "-c", line], { detached: true });
    const claim = await scene.claimOf(await scene.read("port"));
    expect(claim.pid).toBe(1);
    expect(claim.owner?.command).toBe("bwrap");
    expect(await scene.reap()).toEqual(["web"]);

    await scene.killAllBut(agent.pid);
    await scene.age(claim, 60);
    expect(await scene.reap()).toEqual([]);
  });
});
