import { beforeAll, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Agent } from "../../agent.ts";
import { until } from "../../harness.ts";
import { buildBinary } from "../../shell-sandbox.ts";
import { accepts, hasEnded, Stage } from "../../stage.ts";
import { doctor, found, plant, plantStates, unusedPorts } from "./broken-registry.ts";

beforeAll(buildBinary);

test("row 28: a file is left alone that was written just now, or whose port is in use", async () => {
  await using stage = new Stage();
  await stage.acquire("--service", "first");
  const [young = 0, bound = 0] = unusedPorts(stage, 2);
  await stage.start(bound, {}, stage.project("stranger"));
  plant(stage, `${bound}.json`, "");
  stage.write(`registry/claims/${young}.json`, "");
  const { code, checks } = await doctor(stage);
  expect(code).toBe(0);
  expect(found(checks)).toMatchObject(
    [
      {
        check: "file",
        status: "warning",
        port: young,
        message: expect.stringContaining("just now"),
      },
      {
        check: "file",
        status: "warning",
        port: bound,
        message: expect.stringContaining("listens"),
      },
    ].toSorted((a, b) => a.port - b.port),
  );
  expect(readdirSync(join(stage.home, "claims"))).toContain(`${young}.json`);

  // Two seconds later the young one isn't young any more.
  plant(stage, `${young}.json`, "");
  const later = await doctor(stage);
  expect(found(later.checks)).toMatchObject(
    [
      { status: "fixed", port: young },
      { status: "warning", port: bound },
    ].toSorted((a, b) => a.port - b.port),
  );
});

test("a server that listens elsewhere than its claim says is named, with both ports", async () => {
  await using stage = new Stage();
  const agent = await Agent.start(stage);
  const [elsewhere = 0] = unusedPorts(stage, 1);
  const line = `portclaim acquire --service web; ${stage.serve} ${elsewhere} > /dev/null 2>&1 &`;
  const { out } = await agent.exec(["bash", "-c", line], { detached: true });
  await until("it listens elsewhere", () => accepts(elsewhere));
  const pid = await stage.listener(elsewhere);
  const { code, checks } = await doctor(stage);
  expect(code).toBe(0);
  const [warning, ...others] = checks.filter(({ check }) => check === "server");
  expect(others).toEqual([]);
  expect(warning).toMatchObject({ status: "warning", port: Number(out) });
  expect(warning?.message).toContain(`(pid ${pid}) listens on ${elsewhere} instead`);
  expect(warning?.hint).toContain(`portclaim release ${Number(out)}`);
  expect(hasEnded(pid)).toBe(false);
});

test("a malformed config is an error with its line, and the rest is mended all the same", async () => {
  await using stage = new Stage();
  const idle = await stage.acquire("--service", "idle");
  const agent = await Agent.start(stage);
  const { dead } = await plantStates(stage, agent);
  stage.write("registry/config.toml", '[reap]\ngrace = "2h"\n[pool]\nrange = "9-3"\n');
  const claim = await stage.claim(idle);
  if (claim) await stage.age(claim, 3600);
  const { code, checks } = await doctor(stage);
  expect(code).toBe(1);
  expect(checks.filter(({ status }) => status === "error")).toMatchObject([
    {
      check: "config",
      message: expect.stringContaining("config.toml:4"),
      hint: expect.any(String),
    },
  ]);
  expect(checks).toContainEqual(expect.objectContaining({ port: dead, status: "fixed" }));
  // Nobody knows what grace was meant: what idles is not released by a guess.
  expect(await stage.state(idle).catch(() => undefined)).toBeUndefined();
  expect(existsSync(join(stage.home, `claims/${idle}.json`))).toBe(true);
});

test("a pool among the kernel's own ports is warned of", async () => {
  await using stage = new Stage();
  const [first] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split(/\s+/);
  stage.write("registry/config.toml", `[pool]\nrange = "3000-${first}"\n`);
  const { code, checks } = await doctor(stage);
  expect(code).toBe(0);
  expect(found(checks)).toMatchObject([
    { check: "range", status: "warning", hint: `set [pool] range below ${first}` },
  ]);
});
