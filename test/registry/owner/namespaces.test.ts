import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { Agent } from "../../agent.ts";
import { type Result, until } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { allProcesses, hasEnded, kill, parentOf } from "../../processes.ts";
import { ASK, expectOwner, ShellSandbox } from "../../shell-sandbox.ts";

/** The only child of a process, once it has one. */
const childOf = (pid: number): Promise<number> =>
  until("it has a child", () => allProcesses().find((other) => parentOf(other) === pid));

const UNSHARE = "unshare --pid --fork --mount-proc".split(" ");

/** Starts a container as far as pids go, of one process that leads a session; returns its pid. */
const container = (sandbox: ShellSandbox, first = ["sleep", "1000"]) =>
  unshared(sandbox, ["setsid", ...first]);

/** Starts a program in a pid namespace; returns its pid once /proc is mounted and the program runs. */
async function unshared(sandbox: ShellSandbox, program: string[]): Promise<number> {
  const pid = await childOf(sandbox.spawn([...UNSHARE, ...program]).pid);
  const name = () => readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  await until("it runs its program", () => !["unshare", "setsid"].includes(name()));
  return pid;
}

/** Runs a command in a container, as \`docker exec\` does. */
function enter(sandbox: ShellSandbox, pid: number, ...argv: string[]): Promise<Result> {
  const into = ["--target", `${pid}`, "--pid", "--mount", `--wdns=${sandbox.cwd}`];
  return sandbox.exec(["nsenter", ...into, ...argv]);
}

const { describe, test } = needs("pid namespaces");

describe("in a pid namespace", () => {
  const CALLS = {
    "portclaim itself": ASK.split(" "),
    "sh -c": ["sh", "-c", `PORT=$(${ASK}); echo $PORT`],
    "bash -lc with a pipe": ["bash", "-lc", `PORT=$(${ASK} | cat); echo $PORT`],
  };
  test.each(Object.entries(CALLS))(
    "its first process owns what is called from outside: %s",
    async (_name, argv) => {
      await using sandbox = new ShellSandbox();
      const first = await container(sandbox);
      const claim = await sandbox.claimOf(await enter(sandbox, first, "setsid", ...argv));
      expect(claim.pid).toBe(1);
      expectOwner({ ...claim, pid: first }, first);
      expect(claim.owner?.command).toBe("sleep");

      const inside = await enter(sandbox, first, "portclaim", "list", "--json");
      expect(JSON.parse(inside.out)).toMatchObject([{ port: claim.port, state: "starting" }]);
    },
  );

  // Without setsid both are in groups of the outer namespace, which proc_pid_stat(5) shows as 0.
  test.each(Object.entries(CALLS))(
    "a claim from a process group of the outer namespace can be read: %s",
    async (_name, argv) => {
      await using sandbox = new ShellSandbox();
      const first = await unshared(sandbox, ["sleep", "1000"]);
      const claim = await sandbox.claimOf(await enter(sandbox, first, ...argv));
      const { out, err } = await enter(sandbox, first, "portclaim", "list", "--json");
      expect(err).toBe("");
      expect(JSON.parse(out)).toMatchObject([{ port: claim.port, pid: 1, state: "starting" }]);

      kill(first);
      await until("the container is gone", () => hasEnded(first));
      expect(await sandbox.reapLater(claim)).toEqual([]);
    },
  );

  test("a claim is unknown from outside, kept while the namespace lives, and then reaped", async () => {
    await using sandbox = new ShellSandbox();
    const first = await container(sandbox);
    const claim = await sandbox.claimOf(await enter(sandbox, first, "setsid", ...ASK.split(" ")));
    expect(await sandbox.state(claim.port)).toBe("unknown");
    expect(await sandbox.reap()).toEqual(["web: unknown"]);

    kill(first);
    await until("the container is gone", () => hasEnded(first));
    expect(await sandbox.reapLater(claim)).toEqual([]);
  });

  test("a shell that is its first process owns what it asks for", async () => {
    await using sandbox = new ShellSandbox();
    const line = `PORT=$(${ASK} | cat); echo $PORT > ~/port; sleep 1000`;
    const first = await container(sandbox, ["sh", "-c", line]);
    const claim = await sandbox.claimOf(await sandbox.read("port"));
    expect(claim.pid).toBe(1);
    expectOwner({ ...claim, pid: first }, first);
  });

  test("a server in it owns what its shells ask for, not its first process", async () => {
    await using sandbox = new ShellSandbox();
    const code = `
      const port = require("child_process").execSync("${ASK} | cat").toString();
      require("fs").writeFileSync(process.env.HOME + "/said", process.pid + " " + port);
      setInterval(() => {}, 1000);`;
    sandbox.write("dev.js", code);
    await container(sandbox, ["sh", "-c", "bun ~/dev.js; true"]);
    const [pid, port] = (await sandbox.read("said")).split(" ").map(Number);
    expect((await sandbox.claimOf(String(port))).pid).toBe(pid ?? 0);
    expect(pid).toBeGreaterThan(1);
  });

  test("its first process owns what an orphan asks for", async () => {
    await using sandbox = new ShellSandbox();
    const orphan = `( while kill -0 $$ 2> /dev/null; do :; done; exec ${ASK} > ~/port ) &`;
    const first = await container(sandbox, ["sh", "-c", `bash -c '${orphan}'; sleep 1000`]);
    const claim = await sandbox.claimOf(await sandbox.read("port"));
    expect(claim.pid).toBe(1);
    expectOwner({ ...claim, pid: first }, first);
  });

  test("with the /proc of another namespace, no process of that one owns the claim", async () => {
    await using sandbox = new ShellSandbox();
    // As in a sandbox without a /proc of its own: pids there are not those that /proc shows.
    const line = `PORT=$(${ASK} 2> ~/error | cat); echo port $PORT > ~/said; sleep 1000`;
    const unshare = sandbox.spawn(["unshare", "--pid", "--fork", "sh", "-c", line]);
    const first = await childOf(unshare.pid);
    const claim = await sandbox.claim(Number((await sandbox.read("said")).split(" ")[1]));
    // That of its first process, whose start is the same on either side, or an error.
    if (claim === undefined) expect(await sandbox.read("error")).toStartWith("portclaim: ");
    else expectOwner({ ...claim, pid: first }, first);
  });
});

needs("pid namespaces", "bwrap").test(
  "in a bubblewrap sandbox with its own /proc, the first process owns the claim",
  async () => {
    await using sandbox = new ShellSandbox();
    const agent = await Agent.start(sandbox);
    const line = `PORT=$(${ASK} | cat); echo $PORT > ~/port; sleep 1000`;
    const bwrap = "bwrap --dev-bind / / --unshare-pid --die-with-parent --proc /proc".split(" ");
    await agent.open([...bwrap, "bash", "-c", line]);
    const claim = await sandbox.claimOf(await sandbox.read("port"));
    expect(claim.pid).toBe(1);
    expect(claim.owner?.command).toBe("bwrap");
    expect(await sandbox.reap()).toEqual(["web: unknown"]);

    await sandbox.killAllBut(agent.pid);
    expect(await sandbox.reapLater(claim)).toEqual([]);
  },
);
