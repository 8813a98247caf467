import { expect } from "bun:test";
import { Agent } from "../../agent.ts";
import { bindPort, until } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { accepts } from "../../processes.ts";
import { ShellSandbox } from "../../shell-sandbox.ts";
import { Terminal } from "../../terminal.ts";

const { test } = needs("Linux");

/** What a person is shown. */
async function shown(sandbox: ShellSandbox, ...args: string[]): Promise<string> {
  await using terminal = new Terminal(sandbox, ["portclaim", "who", ...args]);
  expect(await terminal.child.exited).toBe(0);
  return await terminal.shows(/\n$/);
}

test("a claim and all listeners on its port are shown, each with its directory", async () => {
  await using sandbox = new ShellSandbox();
  const port = await sandbox.acquire("--service", "web", "--agent", "claude-code");
  const elsewhere = sandbox.project("elsewhere");
  const v4 = await sandbox.start(port);
  const command = ["bun", sandbox.server, `${port}`, "::1"];
  const v6 = sandbox.spawn(command, { cwd: elsewhere });
  await until("it listens on ::1", () => accepts(port, "::1"));
  const who = await sandbox.json<{ claim: object; listeners: object[] }>("who", "--service", "web");
  expect(who).toMatchObject({
    port,
    problem: null,
    claim: { service: "web", agent: "claude-code", state: "listening", pid: process.pid },
  });
  const uid = process.getuid?.();
  expect(who.listeners).toHaveLength(2);
  expect(who.listeners).toContainEqual(
    expect.objectContaining({ pid: v4, cwd: sandbox.cwd, uid, addresses: ["127.0.0.1"] }),
  );
  expect(who.listeners).toContainEqual(
    expect.objectContaining({ pid: v6.pid, cwd: elsewhere, covered: true, addresses: ["::1"] }),
  );
  const text = await shown(sandbox, `${port}`);
  for (const fact of [
    port,
    "web",
    "listening",
    "claude-code",
    v4,
    v6.pid,
    "~/my-app",
    "~/elsewhere",
  ])
    expect(text).toContain(`${fact}`);
});

test("a foreign listener is marked, and so is one without a claim", async () => {
  await using sandbox = new ShellSandbox();
  const agent = await Agent.start(sandbox);
  const port = await agent.acquire("web");
  const pid = await sandbox.start(port, {}, sandbox.project("elsewhere"));
  expect(await sandbox.json<object>("who", `${port}`)).toMatchObject({
    claim: { pid: agent.pid },
    listeners: [{ pid, covered: false }],
  });
  expect(await shown(sandbox, `${port}`)).toContain(`(pid ${pid})`);

  await sandbox.run(["release", `${port}`, "--force"]);
  expect(await sandbox.json<object>("who", `${port}`)).toMatchObject({
    claim: null,
    listeners: [{ pid, covered: false, cwd: sandbox.path("elsewhere") }],
  });
  const text = await shown(sandbox, `${port}`);
  expect(text).toContain(`(pid ${pid})`);
  expect(text).not.toContain(`${agent.pid}`);
});

test("a claim without a listener is shown, and a port with neither is not found", async () => {
  await using sandbox = new ShellSandbox();
  const port = await sandbox.acquire("--service", "web");
  expect(await sandbox.json<object>("who", `${port}`)).toMatchObject({ listeners: [] });
  expect(await shown(sandbox, `${port}`)).toContain("nothing listens");
  const unused = `${sandbox.ports.next()}`;
  expect(await sandbox.refusal("who", unused)).toMatchObject({ exit: 4, code: "not-found" });
  expect(await sandbox.run(["who", "--service", "api"])).toMatchObject({ code: 4, out: "" });
  for (const target of [[], [`${port}`, "--service", "web"], ["--project", "my-app"]]) {
    expect(await sandbox.run(["who", ...target])).toMatchObject({ code: 2, out: "" });
  }
});

test("a port that is bound without listening is shown as such", async () => {
  await using sandbox = new ShellSandbox();
  const code = (port: number) => `import socket, sys
s = socket.socket(); s.bind(("127.0.0.1", ${port})); print("bound", flush=True); sys.stdin.read()`;
  const { port } = await bindPort(sandbox, (each) => ["python3", "-c", code(each)]);
  expect(await sandbox.json<object>("who", `${port}`)).toMatchObject({
    bound: true,
    listeners: [],
  });
  expect(await shown(sandbox, `${port}`)).toContain("a process has bound it, but doesn't listen");
});
