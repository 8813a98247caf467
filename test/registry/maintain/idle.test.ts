import { expect } from "bun:test";
import { Agent } from "../../agent.ts";
import { until } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { accepts } from "../../processes.ts";
import { ShellSandbox } from "../../shell-sandbox.ts";
import { changeServer, SUPERVISE } from "../../supervisor.ts";
import { doctor } from "./broken-registry.ts";

const { test } = needs("Linux");

/** A claim of an agent that lives and never binds it, made so many seconds ago. */
async function idle(sandbox: ShellSandbox, agent: Agent, seconds: number, ...flags: string[]) {
  const port = await agent.acquire("web", ...flags);
  await sandbox.age({ port }, seconds);
  return port;
}

const prefer = (sandbox: ShellSandbox, port: number) =>
  sandbox.run(["acquire", "--service", "mine", "--project", "mine", "--prefer", `${port}`]);

test("after the grace period, a port that was never bound goes to another owner that prefers it", async () => {
  await using sandbox = new ShellSandbox();
  const agent = await Agent.start(sandbox);
  const port = await idle(sandbox, agent, 590);
  expect(await sandbox.state(port)).toBe("starting");
  expect((await prefer(sandbox, port)).out).not.toBe(`${port}\n`);
  await sandbox.run(["release", "--service", "mine", "--project", "mine"]);

  await sandbox.age({ port }, 20);
  expect(await sandbox.state(port)).toBe("idle");
  const { out, err } = await prefer(sandbox, port);
  expect(out).toBe(`${port}\n`);
  for (const fact of [port, '"web"', `pid ${agent.pid}`]) expect(err).toContain(`${fact}`);
  expect(await sandbox.list()).toMatchObject([{ port, project: "mine", state: "starting" }]);
});

test("its owner may claim it again before that, however long it was idle", async () => {
  await using sandbox = new ShellSandbox();
  const agent = await Agent.start(sandbox);
  const port = await idle(sandbox, agent, 3600);
  expect(await agent.acquire("web")).toBe(port);
  expect(await sandbox.state(port)).toBe("starting");
});

test("reap releases an idle ephemeral claim, doctor a persistent one too", async () => {
  await using sandbox = new ShellSandbox();
  const agent = await Agent.start(sandbox);
  const persistent = await idle(sandbox, agent, 3600, "--lease", "persistent");
  const ephemeral = await idle(sandbox, agent, 3600, "--project", "other");
  expect((await prefer(sandbox, persistent)).out).not.toBe(`${persistent}\n`);
  const reaped = await sandbox.json<{ port: number; action: string }[]>("reap");
  const actions = Object.fromEntries(reaped.map(({ port, action }) => [port, action]));
  expect(actions).toMatchObject({ [persistent]: "kept", [ephemeral]: "released" });
  expect(await sandbox.state(persistent)).toBe("idle");
  expect((await doctor(sandbox)).checks).toContainEqual(
    expect.objectContaining({ port: persistent, status: "fixed" }),
  );
  expect(await sandbox.state(persistent)).toBe("free");
});

test.each(["reap", "doctor"])("%s keeps a young claim, and says how to release it", async (by) => {
  await using sandbox = new ShellSandbox();
  const port = await (await Agent.start(sandbox)).acquire("web");
  const { code, out, err } = await sandbox.run([by]);
  expect(code).toBe(0);
  expect(out + err).toContain(`portclaim ${by} --grace 0s`);
  expect(await sandbox.state(port)).toBe("starting");
  await sandbox.run([by, "--grace", "0s"]);
  expect(await sandbox.state(port)).toBe("free");
});

test("a supervisor that restarts its server long after the grace period keeps the port meanwhile", async () => {
  await using sandbox = new ShellSandbox();
  sandbox.env["AFTER"] = sandbox.write("ready", "");
  const port = await (await Agent.start(sandbox)).serve("web", { start: SUPERVISE });
  await sandbox.age({ port }, 3600);

  const first = await sandbox.listener(port);
  await Bun.file(sandbox.path("ready")).delete();
  await changeServer(sandbox, first);
  expect((await prefer(sandbox, port)).out).not.toBe(`${port}\n`);
  await sandbox.json("reap");
  await doctor(sandbox);
  sandbox.write("ready", "");
  await until("the second child listens", () => accepts(port));
  expect(await sandbox.view(port)).toMatchObject({ service: "web", state: "listening" });
});
