import { expect } from "bun:test";
import { readlinkSync, symlinkSync } from "node:fs";
import { INITIAL_PID_NAMESPACE } from "../../../native/linux/identity.ts";
import { Agent } from "../../agent.ts";
import { needs, skipUnless } from "../../needs.ts";
import { parentOf } from "../../processes.ts";
import { ASK, expectOwner, quote, ShellSandbox } from "../../shell-sandbox.ts";

/** A shell's child that outlives the shell, and whose parent is then init. */
const afterParent = (line: string) =>
  `( while kill -0 $$ 2> /dev/null; do :; done; ${line} ) > /dev/null 2>&1 &`;

/** The process that adopts orphans here: 1, or a nearer one that has asked the kernel for them. */
function adopter(): number {
  const line = `( while kill -0 $$ 2> /dev/null; do :; done; exec cat /proc/self/stat ) &`;
  const stat = Bun.spawnSync(["bash", "-c", line]).stdout.toString();
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

const orphansGoToInit =
  process.platform === "linux" &&
  readlinkSync("/proc/self/ns/pid").includes(INITIAL_PID_NAMESPACE) &&
  adopter() === 1;
const { test } = skipUnless(orphansGoToInit, "orphans that become init's children");

async function agentWith(sandbox: ShellSandbox, line: string): Promise<Agent> {
  const agent = await Agent.start(sandbox);
  await agent.exec(line);
  return agent;
}

test("a call whose parent is init is refused with a hint to name a process", async () => {
  await using sandbox = new ShellSandbox();
  await agentWith(sandbox, afterParent(`exec ${ASK} 2> ~/error`));
  expect(await sandbox.read("error")).toContain("--pid PID");
  expect(await sandbox.list()).toEqual([]);
});

test("a call whose parent is init may name a process", async () => {
  await using sandbox = new ShellSandbox();
  const agent = await Agent.start(sandbox);
  await agent.exec(afterParent(`exec ${ASK} --pid ${agent.pid} > ~/port`));
  expectOwner(await sandbox.claimOf(await sandbox.read("port")), agent.pid);
});

const LINES = {
  "a subshell": `PORT=$(${ASK}); echo $BASHPID $PORT > ~/said; sleep 1000`,
  "a subshell that becomes its server": `PORT=$(${ASK} | cat); echo $BASHPID $PORT > ~/said; exec sleep 1000`,
  "a shell of its own": `exec sh -c 'PORT=$(${ASK}); echo $$ $PORT > ~/said; sleep 1000'`,
  "a shell under setsid": `exec setsid -w bash -c 'PORT=$(${ASK}); echo $$ $PORT > ~/said; sleep 1000'`,
};

test.each(Object.entries(LINES))(
  "a command line whose parent has exited owns its claim: %s",
  async (_form, line) => {
    await using sandbox = new ShellSandbox();
    await agentWith(sandbox, afterParent(line));
    const [pid = 0, port] = (await sandbox.read("said")).split(" ").map(Number);
    expect(parentOf(pid)).toBe(1);
    expectOwner(await sandbox.claimOf(String(port)), pid);
  },
);

needs("Linux").describe.each(["supervisord", "crond", "containerd-shim"])("below %s", (name) => {
  // Known by the name of its program: bash serves as well as any.
  async function supervise(sandbox: ShellSandbox, line: string): Promise<void> {
    symlinkSync("/bin/bash", sandbox.path(`bin/${name}`));
    sandbox.spawn([name, sandbox.write("line", `${line}\nsleep 1000\n`)]);
  }

  needs("Linux").test("a call is refused", async () => {
    await using sandbox = new ShellSandbox();
    await supervise(sandbox, `${ASK} 2> ~/error\necho $? > ~/code`);
    expect(await sandbox.read("code")).toBe("2");
    expect(await sandbox.read("error")).toContain("--pid PID");
    expect(await sandbox.list()).toEqual([]);
  });

  needs("Linux").test("a command line owns its claim", async () => {
    await using sandbox = new ShellSandbox();
    const line = `PORT=$(${ASK} | cat); echo $$ $PORT > ~/said; sleep 1000`;
    await supervise(sandbox, `sh -c ${quote(line)}`);
    const [pid = 0, port] = (await sandbox.read("said")).split(" ").map(Number);
    expectOwner(await sandbox.claimOf(String(port)), pid);
  });
});
