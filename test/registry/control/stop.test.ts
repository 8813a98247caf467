import { describe, expect } from "bun:test";
import { Agent } from "../../agent.ts";
import { BINARY, firstLine, until, World } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { accepts, hasEnded } from "../../processes.ts";
import { ShellSandbox } from "../../shell-sandbox.ts";
import { Terminal } from "../../terminal.ts";

const { test } = needs("Linux");

interface Stopped {
  port: number;
  service: string | null;
  ended: { pid: number; command: string; signal: string }[];
}

/** An agent in a directory that has left a server there. */
async function rivalsServer(sandbox: ShellSandbox, directory = "rival") {
  const agent = await Agent.start(sandbox);
  const port = await agent.serve("web", { cwd: sandbox.project(directory) });
  return { agent, port, pid: await sandbox.listener(port) };
}

test("another owner's server is refused, with its owner and directory", async () => {
  await using sandbox = new ShellSandbox();
  const { agent, port, pid } = await rivalsServer(sandbox);
  const { exit, code, message } = await sandbox.refusal("stop", `${port}`);
  expect([exit, code]).toEqual([1, "not-owner"]);
  for (const fact of [`pid ${agent.pid}`, '"web"', sandbox.path("rival")])
    expect(message).toContain(fact);

  await using terminal = new Terminal(sandbox, ["portclaim", "stop", `${port}`]);
  expect(await terminal.child.exited).toBe(1);
  await terminal.shows(`portclaim: port ${port} `);
  expect(hasEnded(pid)).toBe(false);
});

test("the caller's own server is ended with TERM, and the claim stays", async () => {
  await using sandbox = new ShellSandbox();
  const port = await sandbox.acquire("--service", "web");
  const pid = await sandbox.start(port);
  const stopped = await sandbox.json<Stopped>("stop", "--service", "web");
  expect(stopped).toMatchObject({ port, service: "web", ended: [{ pid, signal: "SIGTERM" }] });
  await until("it is gone", () => hasEnded(pid));
  expect(await sandbox.state(port)).toBe("starting");
  expect(await sandbox.acquire("--service", "mine", "--prefer", `${port}`)).not.toBe(port);
});

test("a suspended server is ended with TERM", async () => {
  await using sandbox = new ShellSandbox();
  const port = await sandbox.acquire("--service", "web");
  const pid = await sandbox.start(port);
  process.kill(pid, "SIGSTOP");
  const stopped = await sandbox.json<Stopped>("stop", "--service", "web");
  expect(stopped).toMatchObject({ ended: [{ pid, signal: "SIGTERM" }] });
});

test("another owner's server in the caller's directory may be stopped", async () => {
  await using sandbox = new ShellSandbox();
  const { agent, port, pid } = await rivalsServer(sandbox, "my-app");
  expect(await sandbox.json<Stopped>("stop", `${port}`)).toMatchObject({ ended: [{ pid }] });
  await until("it is gone", () => hasEnded(pid));
  expect(hasEnded(agent.pid)).toBe(false);
});

test("the caller's server in another directory may be stopped", async () => {
  await using sandbox = new ShellSandbox();
  const { agent, port, pid } = await rivalsServer(sandbox);
  const { out, code } = await agent.exec(`portclaim stop ${port}; exit $?`);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ port, ended: [{ pid, signal: "SIGTERM" }] });
  await until("it is gone", () => hasEnded(pid));
});

test("--force ends another owner's server, and says how", async () => {
  await using sandbox = new ShellSandbox();
  const { agent, port, pid } = await rivalsServer(sandbox);
  await using terminal = new Terminal(sandbox, ["portclaim", "stop", `${port}`, "--force"]);
  expect(await terminal.child.exited).toBe(0);
  const shown = await terminal.shows("SIGTERM");
  expect(shown).toMatch(new RegExp(`bun.* \\(pid ${pid}\\).* ${port} `));
  await until("it is gone", () => hasEnded(pid));
  expect(hasEnded(agent.pid)).toBe(false);
});

test("a server that ignores TERM is killed after the timeout", async () => {
  await using sandbox = new ShellSandbox();
  const port = await sandbox.acquire("--service", "web");
  const pid = await sandbox.start(port, { STUBBORN: "1" });
  const started = performance.now();
  const { ended } = await sandbox.json<Stopped>("stop", `${port}`, "--timeout", "300ms");
  expect(performance.now() - started).toBeGreaterThan(300);
  expect(ended).toMatchObject([{ pid, signal: "SIGKILL" }]);
  expect(hasEnded(pid)).toBe(true);
});

test("all listeners on the port are ended, each in the way that it needs", async () => {
  await using sandbox = new ShellSandbox();
  const port = await sandbox.acquire("--service", "web");
  const gentle = await sandbox.start(port);
  const command = ["bun", sandbox.server, `${port}`, "::1"];
  const stubborn = sandbox.spawn(command, { env: { ...sandbox.env, STUBBORN: "1" } });
  await until("it listens on ::1", () => accepts(port, "::1"));
  const { ended } = await sandbox.json<Stopped>("stop", `${port}`, "--timeout", "300ms");
  expect(Object.fromEntries(ended.map(({ pid, signal }) => [pid, signal]))).toEqual({
    [gentle]: "SIGTERM",
    [stubborn.pid]: "SIGKILL",
  });
  expect(await stubborn.exited).toBe(137);
});

describe("a foreign listener is refused without --force", () => {
  test("on a port that is claimed", async () => {
    await using sandbox = new ShellSandbox();
    const port = await (await Agent.start(sandbox)).acquire("web");
    const foreign = await sandbox.start(port, {}, sandbox.project("elsewhere"));
    const { exit, code, message } = await sandbox.refusal("stop", `${port}`);
    expect([exit, code]).toEqual([1, "not-covered"]);
    expect(message).toContain(`(pid ${foreign})`);
    expect(hasEnded(foreign)).toBe(false);

    const { ended } = await sandbox.json<Stopped>("stop", `${port}`, "--force");
    expect(ended).toMatchObject([{ pid: foreign, signal: "SIGTERM" }]);
    await until("it is gone", () => hasEnded(foreign));
  });

  test("on a port that is not claimed", async () => {
    await using sandbox = new ShellSandbox();
    const port = sandbox.ports.next();
    const pid = await sandbox.start(port);
    const { exit, code, message } = await sandbox.refusal("stop", `${port}`);
    expect([exit, code]).toEqual([1, "not-covered"]);
    expect(message).toContain(`(pid ${pid})`);
    expect(hasEnded(pid)).toBe(false);
    const stopped = await sandbox.json<Stopped>("stop", `${port}`, "--force");
    expect(stopped).toMatchObject({ service: null, ended: [{ pid, signal: "SIGTERM" }] });
  });
});

test.each([[""], ["--force"]])("a server that stops itself, %j, is refused", async (flag) => {
  await using sandbox = new ShellSandbox();
  const port = await sandbox.acquire("--service", "web");
  sandbox.write(
    "my-app/stops-itself.js",
    `Bun.serve({ port: ${port}, hostname: "127.0.0.1", fetch: () => new Response("alive") });
     const child = Bun.spawn(["sh", "-c", "portclaim stop ${port} ${flag}; exit $?"],
       { stdout: "inherit", stderr: "inherit" });
     console.log(await child.exited);`,
  );
  const server = sandbox.spawn(["bun", "./stops-itself.js"]);
  expect(await firstLine(server)).toBe("1");
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("alive");
  server.kill("SIGKILL");
  expect(JSON.parse(await new Response(server.stderr).text())).toMatchObject({
    error: { code: "ancestor", message: expect.stringContaining(`(pid ${server.pid})`) },
  });
});

test("a claim without a server needs no stop, and a port without a claim is not found", async () => {
  await using sandbox = new ShellSandbox();
  const port = await sandbox.acquire("--service", "web");
  const stopped = await sandbox.json<Stopped>("stop", `${port}`);
  expect(stopped).toMatchObject({ port, service: "web", ended: [] });
  await sandbox.run(["release", `${port}`]);
  for (const target of [[`${port}`], ["--service", "web"]]) {
    expect(await sandbox.run(["stop", ...target])).toMatchObject({ code: 4, out: "" });
  }
  for (const target of [[], [`${port}`, "--service", "web"], ["0"], ["70000"]]) {
    expect(await sandbox.run(["stop", ...target])).toMatchObject({ code: 2, out: "" });
  }
});

test("a service's server is stopped, though its caller has also claimed a port that nothing serves", async () => {
  await using world = new World();
  const server = `Bun.serve({ port: process.env.PORT, fetch: () => new Response("ok") })`;
  const lines = `"$0" acquire web >&2
    "$0" run web --another -- ${process.execPath} -e '${server}' >&2 &
    until "$0" list --json | grep -q '"listening"'; do :; done
    "$0" stop web --json`;
  const { out } = await world.exec(["bash", "-c", lines, BINARY]);
  expect((JSON.parse(out) as Stopped).ended).toHaveLength(1);
});
