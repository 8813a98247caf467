import { expect } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "../../../registry/maintain/doctor.ts";
import { Agent } from "../../agent.ts";
import { PORTCLAIM, until } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { accepts, hasEnded } from "../../processes.ts";
import { SERVE, ShellSandbox } from "../../shell-sandbox.ts";
import { doctor, found, JUNK, plant, plantStates } from "./broken-registry.ts";

const { test } = needs("Linux");

test("row 28: a file is left alone that was written just now, or whose port is in use", async () => {
  await using sandbox = new ShellSandbox();
  await sandbox.acquire("--service", "first");
  const [bound, young] = [sandbox.ports.next(), sandbox.ports.next()];
  await sandbox.start(bound, {}, sandbox.project("elsewhere"));
  plant(sandbox, `${bound}.json`, "");
  sandbox.write(`registry/claims/${young}.json`, "");
  const { code, checks } = await doctor(sandbox);
  expect(code).toBe(0);
  expect(found(checks)).toMatchObject([
    { check: "file", status: "warning", port: young },
    { check: "file", status: "warning", port: bound },
  ]);
  expect(readdirSync(join(sandbox.home, "claims"))).toContain(`${young}.json`);

  // A minute later the young one isn't young any more.
  plant(sandbox, `${young}.json`, "");
  const later = await doctor(sandbox);
  expect(found(later.checks)).toMatchObject([
    { status: "fixed", port: young },
    { status: "warning", port: bound },
  ]);
});

test("row 31: a name that is no port's is no claim, and doctor names it", async () => {
  await using sandbox = new ShellSandbox();
  const port = await sandbox.acquire("--service", "web");
  const text = readFileSync(join(sandbox.home, `claims/${port}.json`), "utf8");
  for (const name of JUNK) plant(sandbox, name, text);
  const { out, err } = await sandbox.run(["list", "--json"]);
  expect(err).toBe("");
  expect(JSON.parse(out)).toMatchObject([{ port }]);
  const { checks } = await doctor(sandbox);
  for (const name of JUNK) expect(JSON.stringify(found(checks))).toContain(`claims/${name} `);
});

test("a server that listens on another port than its claim's is named, with both ports", async () => {
  await using sandbox = new ShellSandbox();
  const agent = await Agent.start(sandbox);
  const elsewhere = sandbox.ports.next();
  const { out } = await agent.exec(
    `portclaim acquire --service web; ${SERVE} ${elsewhere} > /dev/null 2>&1 &`,
  );
  await until("it listens elsewhere", () => accepts(elsewhere));
  const pid = await sandbox.listener(elsewhere);
  const { code, checks } = await doctor(sandbox);
  expect(code).toBe(0);
  const [warning, ...others] = checks.filter(({ check }) => check === "server");
  expect(others).toEqual([]);
  expect(warning).toMatchObject({ status: "warning", port: Number(out), hint: expect.any(String) });
  for (const fact of [pid, elsewhere]) expect(warning?.message).toContain(`${fact}`);
  expect(hasEnded(pid)).toBe(false);
});

test("a malformed config is an error with its line, and the rest is fixed all the same", async () => {
  await using sandbox = new ShellSandbox();
  const idle = await sandbox.acquire("--service", "idle");
  const { dead } = await plantStates(sandbox, await Agent.start(sandbox));
  sandbox.write("registry/config.toml", '[reap]\ngrace = "2h"\n[pool]\nrange = "9-3"\n');
  await sandbox.age({ port: idle }, 3600);
  const { code, checks } = await doctor(sandbox);
  expect(code).toBe(1);
  expect(checks.filter(({ status }) => status === "error")).toMatchObject([
    {
      check: "config",
      message: expect.stringContaining("config.toml:4"),
      hint: expect.any(String),
    },
  ]);
  expect(checks).toContainEqual(expect.objectContaining({ port: dead, status: "fixed" }));
  // Without a readable config the grace is unknown: an idle claim is not released on a guess.
  expect(existsSync(join(sandbox.home, `claims/${idle}.json`))).toBe(true);
});

test("a pool that overlaps the ephemeral ports is a warning", async () => {
  await using sandbox = new ShellSandbox();
  const [first] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split(/\s+/);
  sandbox.write("registry/config.toml", `[pool]\nrange = "3000-${first}"\n`);
  const { code, checks } = await doctor(sandbox);
  expect(code).toBe(0);
  expect(found(checks)).toMatchObject([
    { check: "range", status: "warning", hint: expect.stringContaining(`${first}`) },
  ]);
});

test("the portclaim.toml of the checkout that doctor runs in is checked", async () => {
  await using sandbox = new ShellSandbox();
  const file = sandbox.write("shop/portclaim.toml", "[services.web]\nport = 3000\n");
  const cwd = sandbox.path("shop/packages/web");
  mkdirSync(cwd, { recursive: true });
  const check = async () => {
    const { code, out } = await sandbox.exec([...PORTCLAIM, "doctor", "--json"], { cwd });
    const checks = JSON.parse(out) as Check[];
    return { code, checks: checks.filter((one) => one.check === "project") };
  };
  const valid = [{ check: "project", status: "ok", message: `${file} is valid` }];
  expect(await check()).toMatchObject({ code: 0, checks: valid });
  sandbox.write("shop/portclaim.toml", "[services.web]\nport = 3000\ncolor = 1\n");
  expect(await check()).toMatchObject({ code: 0, checks: [{ status: "warning" }] });
  sandbox.write("shop/portclaim.toml", '[services.web]\nport = "x"\n');
  const { code, checks } = await check();
  expect(code).toBe(1);
  expect(checks).toMatchObject([
    { status: "error", message: expect.stringContaining(`${file}:2`) },
  ]);
});
