import { expect } from "bun:test";
import { linkSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Agent, MANNERS } from "../../agent.ts";
import { until } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { accepts, hasEnded, kill } from "../../processes.ts";
import { SERVE, ShellSandbox } from "../../shell-sandbox.ts";
import { changeServer, SUPERVISE } from "../../supervisor.ts";

const { describe, test } = needs("Linux");

/** Prefers a port on behalf of this test process; returns what it is given. */
async function prefer(sandbox: ShellSandbox, port: number): Promise<number> {
  const service = `other-${(await sandbox.list()).length}`;
  return sandbox.acquire("--service", service, "--project", "other", "--prefer", `${port}`);
}

async function end(pid: number): Promise<void> {
  kill(pid);
  await until("it has ended", () => hasEnded(pid));
}

describe.each(MANNERS)("run by an agent %s", (_name, manner) => {
  test("a script that exited keeps its port for the slow server that it left behind", async () => {
    await using sandbox = new ShellSandbox();
    sandbox.env["AFTER"] = sandbox.path("ready");
    const serve = `PORT=$(portclaim acquire --service slow)\necho $PORT\n${SERVE} $PORT`;
    const leave = "> /dev/null 2>&1 &\necho $! > ../pid\n";
    const script = sandbox.write("my-app/dev.sh", `#!/bin/sh\n${serve} ${leave}`);
    const agent = await Agent.start(sandbox);
    const { port, pid } = await sandbox.claimOf(await agent.exec([script], manner));
    const server = Number(await sandbox.read("pid"));
    expect(hasEnded(pid)).toBe(true);
    await agent.kill();

    for (const seconds of [0, 2, 60]) {
      await sandbox.age({ port }, seconds);
      expect(await sandbox.state(port)).toBe("starting");
      expect(await prefer(sandbox, port)).not.toBe(port);
    }
    expect(await sandbox.json<object[]>("reap")).toContainEqual(
      expect.objectContaining({ port, action: "kept", state: "starting" }),
    );

    sandbox.write("ready", "");
    await until("it listens", () => accepts(port));
    expect(await sandbox.state(port)).toBe("orphaned");
    expect(await prefer(sandbox, port)).not.toBe(port);
    expect(await sandbox.view(port)).toMatchObject({ pid: server, state: "listening" });

    await end(server);
    expect(await sandbox.state(port)).toBe("dead");
    expect(await prefer(sandbox, port)).toBe(port);
  });

  test("a script's port is free once its slow server ends before it listens", async () => {
    await using sandbox = new ShellSandbox();
    sandbox.env["AFTER"] = sandbox.path("never");
    const agent = await Agent.start(sandbox);
    const line = `portclaim acquire --service slow; ${SERVE} 0 > /dev/null 2>&1 & echo $! >&2`;
    const script = sandbox.write("my-app/dev.sh", `#!/bin/sh\n${line}\n`);
    const { out, err } = await agent.exec([script], manner);
    const { port } = await sandbox.claimOf(out);
    await sandbox.age({ port }, 60);
    expect(await sandbox.state(port)).toBe("starting");
    await end(Number(err));
    expect(await sandbox.state(port)).toBe("dead");
    expect(await prefer(sandbox, port)).toBe(port);
  });

  test("row 14: a claim follows a supervisor, which restarts its child after the agent died", async () => {
    await using sandbox = new ShellSandbox();
    sandbox.env["AFTER"] = sandbox.write("ready", "");
    const agent = await Agent.start(sandbox);
    const start = `${SUPERVISE} > /dev/null 2>&1 & echo $! > ~/pid`;
    const port = await agent.serve("web", { start: `{ ${start}; }`, manner });
    const supervisor = Number(await sandbox.read("pid"));
    const first = await sandbox.listener(port);
    await agent.kill();
    expect(await sandbox.state(port)).toBe("orphaned");
    expect(await prefer(sandbox, port)).not.toBe(port);
    expect(await sandbox.view(port)).toMatchObject({ pid: supervisor, state: "listening" });

    // The second child doesn't listen before the file is there again.
    await Bun.file(sandbox.path("ready")).delete();
    await changeServer(sandbox, first);
    expect(await sandbox.state(port)).toBe("starting");
    expect(await prefer(sandbox, port)).not.toBe(port);
    sandbox.write("ready", "");
    await until("the second child listens", () => accepts(port));
    expect(await sandbox.view(port)).toMatchObject({ pid: supervisor, state: "listening" });
    expect(await sandbox.listener(port)).not.toBe(first);

    const last = await sandbox.listener(port);
    await end(supervisor);
    await end(last);
    if (await sandbox.claim(port)) await sandbox.age({ port }, 60);
    expect(await prefer(sandbox, port)).toBe(port);
  });
});

test("row 14: a dead claim ends even if a foreign process listens on its port", async () => {
  await using sandbox = new ShellSandbox();
  const agent = await Agent.start(sandbox);
  const port = await agent.acquire("web");
  await agent.kill();
  const foreign = await sandbox.start(port, {}, sandbox.project("elsewhere"));
  expect(await sandbox.state(port)).toBe("dead");

  const exact = ["--service", "mine", "--prefer", `${port}`, "--exact"];
  const refused = await sandbox.refusal("acquire", ...exact);
  expect(refused).toMatchObject({ exit: 3, code: "port-taken" });
  expect(refused.message).toContain(`(pid ${foreign})`);
  expect(await sandbox.claim(port)).toBeUndefined();

  await end(foreign);
  expect(await sandbox.acquire(...exact)).toBe(port);
});

test("row 14: a claim follows the oldest of several listeners, and then the next", async () => {
  await using sandbox = new ShellSandbox();
  const agent = await Agent.start(sandbox);
  const port = await agent.acquire("web");
  const first = await sandbox.start(port);
  const second = sandbox.spawn(["setsid", "bun", sandbox.server, `${port}`, "::1"]);
  await until("it listens on ::1", () => accepts(port, "::1"));
  await agent.kill();
  expect(await sandbox.state(port)).toBe("orphaned");
  await prefer(sandbox, port);
  expect(await sandbox.view(port)).toMatchObject({ pid: first, state: "listening" });

  await end(first);
  await prefer(sandbox, port);
  expect(await sandbox.view(port)).toMatchObject({ pid: second.pid, state: "listening" });
});

test("row 14: a listener without a claim is shown, and its port is not handed out", async () => {
  await using sandbox = new ShellSandbox();
  const port = sandbox.ports.next();
  const pid = await sandbox.start(port);
  const all = await sandbox.json<{ port: number }[]>("list", "--all");
  expect(JSON.stringify(all.filter((each) => each.port === port))).toContain(`"pid":${pid}`);
  expect(await sandbox.list()).toEqual([]);
  const exact = ["--service", "web", "--prefer", `${port}`, "--exact"];
  const refused = await sandbox.refusal("acquire", ...exact);
  expect(refused).toMatchObject({ exit: 3, code: "port-taken" });
  expect(refused.message).toContain(`(pid ${pid})`);
});

test("row 51: a port that is claimed and not bound yet is held for as long as its owner lives", async () => {
  await using sandbox = new ShellSandbox();
  const agent = await Agent.start(sandbox);
  const port = await agent.acquire("web");
  expect(await accepts(port)).toBe(false);
  const exact = ["--service", "mine", "--prefer", `${port}`, "--exact"];
  expect(await sandbox.refusal("acquire", ...exact)).toMatchObject({ exit: 3, code: "port-taken" });
  await sandbox.json("reap");
  expect(await sandbox.state(port)).toBe("starting");

  await agent.kill();
  expect(await sandbox.acquire(...exact)).toBe(port);
});

test.each([-8, 8])("row 5: a clock stepped by %i h changes nothing", async (hours) => {
  await using sandbox = new ShellSandbox();
  const bound = await sandbox.acquire("--service", "bound");
  const unbound = await sandbox.acquire("--service", "unbound", "--lease", "persistent");
  await sandbox.start(bound);
  // What was claimed by the clock as it went before it was set.
  for (const port of [bound, unbound]) {
    const claim = await sandbox.claim(port);
    const time = new Date(Date.parse(claim?.claimed_at ?? "") - hours * 3_600_000).toISOString();
    const text = JSON.stringify({ ...claim, claimed_at: time.replace("Z", "000Z") });
    sandbox.write(`registry/claims/${port}.json`, text);
  }
  const before = { [bound]: "listening", [unbound]: "starting" } as const;
  expect(await sandbox.states()).toEqual(before);
  for (const { age } of await sandbox.list()) expect(age).toBeLessThan(60);
  await sandbox.json("reap");
  await sandbox.json("doctor");
  expect(await sandbox.states()).toEqual(before);
  for (const port of [bound, unbound]) expect(await prefer(sandbox, port)).not.toBe(port);
});

describe("a claim file that a server adopts", () => {
  /** A claim whose agent has died, with the server that it left in the same directory. */
  async function orphan(sandbox: ShellSandbox) {
    const agent = await Agent.start(sandbox);
    const port = await agent.serve();
    await agent.kill();
    const path = join(sandbox.home, `claims/${port}.json`);
    return { port, path, pid: await sandbox.listener(port) };
  }

  test("row 32: keeps what another version wrote into it", async () => {
    await using sandbox = new ShellSandbox();
    const { port, path, pid } = await orphan(sandbox);
    const before = readFileSync(path, "utf8");
    const additions =
      '"x-count": 12345678901234567890,\n  "x-ratio": 1.50,\n  "x-list": [{ "é": null }],';
    const planted = before
      .replace("{", `{\n  ${additions}`)
      .replace('"owner": {', '"owner": { "x-owner": 0.10,');
    await Bun.write(path, planted);
    await prefer(sandbox, port);

    const after = readFileSync(path, "utf8");
    expect(JSON.parse(after)).toMatchObject({ port, pid, service: "web", "x-list": [{ é: null }] });
    for (const kept of ['"x-count": 12345678901234567890,', '"x-ratio": 1.50,', '"x-owner": 0.10,'])
      expect(after).toContain(kept);
    expect(JSON.parse(after).claimed_at).toBe(JSON.parse(before).claimed_at);
  });

  test("row 33: is replaced under its name alone if it is a hard link", async () => {
    await using sandbox = new ShellSandbox();
    const { port, path, pid } = await orphan(sandbox);
    const elsewhere = sandbox.path("elsewhere.json");
    linkSync(path, elsewhere);
    const text = readFileSync(elsewhere, "utf8");
    await prefer(sandbox, port);
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ pid });
    expect(readFileSync(elsewhere, "utf8")).toBe(text);
    expect(statSync(elsewhere).nlink).toBe(1);
  });
});
