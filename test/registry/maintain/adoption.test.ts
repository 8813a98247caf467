import { beforeAll, describe, expect, test } from "bun:test";
import { Agent, MANNERS } from "../../agent.ts";
import { until } from "../../harness.ts";
import { buildBinary, kill } from "../../shell-sandbox.ts";
import { accepts, hasEnded, Stage } from "../../stage.ts";
import { changeServer, supervised } from "../../supervisor.ts";

beforeAll(buildBinary);

/** Prefers a port on behalf of this test process; returns what it is given. */
async function prefer(stage: Stage, port: number): Promise<number> {
  const others = (await stage.list()).length;
  return stage.acquire("--service", `other-${others}`, "--project", "other", "--prefer", `${port}`);
}

describe.each(MANNERS)("run by an agent %s", (_name, manner) => {
  test("a script that ended keeps its port for the slow server that it left behind", async () => {
    await using stage = new Stage({ AFTER: "/nowhere" });
    stage.env["AFTER"] = stage.path("ready");
    const script = stage.write(
      "my-app/dev.sh",
      `#!/bin/sh\nPORT=$(portclaim acquire --service slow)\necho $PORT\n` +
        `${stage.serve} $PORT > /dev/null 2>&1 &\necho $! > ../pid\n`,
    );
    const agent = await Agent.start(stage);
    const { out } = await agent.exec([script], manner);
    const claim = await stage.claimOf(out);
    const { port } = claim;
    const server = Number(await stage.read("pid"));
    expect(hasEnded(claim.pid)).toBe(true);
    await agent.kill();

    for (const seconds of [0, 2, 60]) {
      await stage.age(claim, seconds);
      expect(await stage.state(port)).toBe("starting");
      expect(await prefer(stage, port)).not.toBe(port);
    }
    expect(await stage.json<object[]>("reap")).toContainEqual(
      expect.objectContaining({ port, action: "kept", state: "starting" }),
    );

    stage.write("ready", "");
    await until("it listens", () => accepts(port));
    expect(await stage.state(port)).toBe("orphaned");
    expect(await prefer(stage, port)).not.toBe(port);
    expect(await stage.view(port)).toMatchObject({ pid: server, state: "listening" });

    kill(server);
    await until("it has ended", () => hasEnded(server));
    expect(await stage.state(port)).toBe("dead");
    expect(await prefer(stage, port)).toBe(port);
  });

  test("a script's port is free once its slow server ends before it ever listened", async () => {
    await using stage = new Stage();
    stage.env["AFTER"] = stage.path("never");
    const agent = await Agent.start(stage);
    const line = `portclaim acquire --service slow; ${stage.serve} 0 > /dev/null 2>&1 & echo $! >&2`;
    const script = stage.write("my-app/dev.sh", `#!/bin/sh\n${line}\n`);
    const { out, err } = await agent.exec([script], manner);
    const claim = await stage.claimOf(out);
    await stage.age(claim, 60);
    expect(await stage.state(claim.port)).toBe("starting");
    kill(Number(err));
    await until("it has ended", () => hasEnded(Number(err)));
    expect(await stage.state(claim.port)).toBe("dead");
    expect(await prefer(stage, claim.port)).toBe(claim.port);
  });

  test("row 14: a claim follows a supervisor, which restarts its child after the agent died", async () => {
    await using stage = new Stage();
    stage.env["AFTER"] = stage.write("ready", "");
    const agent = await Agent.start(stage);
    const acquire = "PORT=$(portclaim acquire --service web); echo $PORT";
    const line = `${acquire}; ${supervised(stage)} > /dev/null 2>&1 & echo $! >&2`;
    const { out, err } = await agent.exec(["bash", "-c", line], manner);
    const [port, supervisor] = [Number(out), Number(err)];
    await until("the first child listens", () => accepts(port), 30);
    const first = await stage.listener(port);
    await agent.kill();
    expect(await stage.state(port)).toBe("orphaned");
    expect(await prefer(stage, port)).not.toBe(port);
    expect(await stage.view(port)).toMatchObject({ pid: supervisor, state: "listening" });

    // The second child doesn't listen before the file is there again.
    await Bun.file(stage.path("ready")).delete();
    await changeServer(stage, first);
    expect(await stage.state(port)).toBe("starting");
    expect(await prefer(stage, port)).not.toBe(port);
    stage.write("ready", "");
    await until("the second child listens", () => accepts(port), 30);
    expect(await stage.view(port)).toMatchObject({ pid: supervisor, state: "listening" });
    expect(await stage.listener(port)).not.toBe(first);

    kill(supervisor);
    kill(await stage.listener(port));
    await until("nobody listens", async () => !(await accepts(port)));
    const claim = await stage.claim(port);
    if (claim) await stage.age(claim, 60);
    expect(await prefer(stage, port)).toBe(port);
  });
});

test("row 14: a dead claim on whose port a stranger listens ends, and the port is nobody's", async () => {
  await using stage = new Stage();
  const agent = await Agent.start(stage);
  const line = "portclaim acquire --service web";
  const { out } = await agent.exec(["bash", "-c", line], { detached: true });
  const port = Number(out);
  await agent.kill();
  const stranger = await stage.start(port, {}, stage.project("stranger"));
  expect(await stage.state(port)).toBe("orphaned");

  const exact = ["--prefer", `${port}`, "--exact"];
  const { code, err } = await stage.portclaim("acquire", "--service", "mine", ...exact);
  expect(code).toBe(3);
  expect(err).toContain(`(pid ${stranger}) listens on it without a claim`);
  expect(await stage.claim(port)).toBeUndefined();
  expect(await stage.json<object>("who", `${port}`)).toMatchObject({
    claim: null,
    listeners: [{ pid: stranger, covered: false, cwd: stage.path("stranger") }],
  });

  kill(stranger);
  await until("the stranger has ended", () => hasEnded(stranger));
  expect(await stage.acquire("--service", "mine", "--prefer", `${port}`)).toBe(port);
});

test("row 14: a claim follows the oldest of several listeners, and then the next", async () => {
  await using stage = new Stage();
  const agent = await Agent.start(stage);
  const line = `portclaim acquire --service web; true`;
  const { out } = await agent.exec(["bash", "-c", line], { detached: true });
  const port = Number(out);
  const first = await stage.start(port);
  const child = stage.spawn(["setsid", stage.bun, stage.server, `${port}`, "::1"]);
  await until("it listens on ::1", () => accepts(port, "::1"));
  await agent.kill();
  expect(await stage.state(port)).toBe("orphaned");
  await prefer(stage, port);
  expect(await stage.view(port)).toMatchObject({ pid: first, state: "listening" });

  kill(first);
  await until("the first has ended", () => hasEnded(first));
  await prefer(stage, port);
  expect(await stage.view(port)).toMatchObject({ pid: child.pid, state: "listening" });
});

test.each([-8, 8])("row 5: a clock stepped by %i h changes nothing", async (hours) => {
  await using stage = new Stage();
  const [bound, unbound] = [
    await stage.acquire("--service", "bound"),
    await stage.acquire("--service", "unbound", "--lease", "persistent"),
  ];
  await stage.start(bound);
  // What was claimed by the clock as it went before it was set.
  for (const port of [bound, unbound]) {
    const claim = await stage.claim(port);
    const time = new Date(Date.parse(claim?.claimed_at ?? "") - hours * 3_600_000).toISOString();
    stage.write(
      `registry/claims/${port}.json`,
      JSON.stringify({ ...claim, claimed_at: time.replace("Z", "000Z") }),
    );
  }
  const before = { [bound]: "listening", [unbound]: "starting" } as const;
  expect(await stage.states()).toEqual(before);
  for (const { age } of await stage.list()) expect(age).toBeLessThan(60);
  await stage.json("reap");
  await stage.json("doctor");
  expect(await stage.states()).toEqual(before);
  for (const port of [bound, unbound]) expect(await prefer(stage, port)).not.toBe(port);
});
