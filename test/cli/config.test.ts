import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync, rmSync } from "node:fs";
import { CONFIG_TEMPLATE } from "../../registry/config/init.ts";
import { freePort, World } from "../harness.ts";

function configured(text: string): World {
  const world = new World();
  writeFileSync(`${world.home}/config.toml`, text);
  return world;
}

describe("row 41: a malformed config stops every command that would use it", () => {
  test.each([[["acquire", "web"]], [["run", "web", "--", "true"]], [["reap"]]])(
    "%p",
    async (args) => {
      await using world = configured('[pool]\nrange = "9999-3000"\n');
      const { code, out, err } = await world.run(args);
      const path = `${world.home}/config.toml`;
      expect(err).toContain(`${path}:2: pool.range: `);
      expect(err).toContain("9999-3000");
      expect(err).toContain(`fix ${path}, or write a new one: portclaim init --force`);
      expect(out).toBe("");
      expect(code).toBe(1);
    },
  );

  test("and is only a warning to commands that look, stop or release", async () => {
    await using world = new World();
    const port = await world.acquire("web");
    writeFileSync(`${world.home}/config.toml`, "[pool]\nexclude = [1]\nrnge = 7\n");
    for (const args of [
      ["list"],
      ["find", "web"],
      ["who", "web"],
      ["stop", "web"],
      ["release", "web"],
    ]) {
      const { code, out, err } = await world.run(args);
      expect([code, out.includes(`${port}`)]).toEqual([0, true]);
      expect(err).toStartWith(`portclaim: warning: ${world.home}/config.toml:3: unknown key`);
    }
    const { out } = await world.run(["doctor", "--json"]);
    const checks = JSON.parse(out) as { check: string; status: string }[];
    expect(checks.filter(({ check }) => check === "config" || check === "range")).toMatchObject([
      { check: "config", status: "error" },
    ]);
  });

  test("as JSON, the error has a code", async () => {
    await using world = configured("[pool\n");
    const { err } = await world.run(["acquire", "web", "--json"]);
    expect(JSON.parse(err)).toMatchObject({ error: { code: "config" } });
    expect(JSON.parse(err).error.message).toStartWith(`${world.home}/config.toml:1: `);
  });

  test("init fixes it", async () => {
    await using world = configured("garbage");
    const path = `${world.home}/config.toml`;
    expect(await world.run(["init"])).toMatchObject({ code: 1 });
    expect(readFileSync(path, "utf8")).toBe("garbage");
    expect(await world.run(["init", "--force", "--json"])).toMatchObject({ code: 0 });
    expect(readFileSync(path, "utf8")).toBe(CONFIG_TEMPLATE);
    expect(await world.run(["list"])).toMatchObject({ code: 0, out: "[]\n", err: "" });
  });
});

test("row 41: a byte order mark isn't an error", async () => {
  const port = await freePort();
  await using world = configured(`\uFEFF[services.web]\nport = ${port}\n`);
  expect(await world.acquire("--service", "web")).toBe(port);
});

test("init writes into the registry's directory, once", async () => {
  await using world = new World();
  const path = `${world.home}/config.toml`;
  rmSync(path);
  expect(await world.run(["init"])).toEqual({
    code: 0,
    out: `${JSON.stringify({ path }, null, 2)}\n`,
    err: "",
  });
  const again = await world.run(["init"]);
  expect(again.code).toBe(1);
  expect(JSON.parse(again.err).error).toEqual({
    code: "exists",
    message: `${path} already exists`,
    hint: "add --force to replace it",
  });
});

test("each key takes effect", async () => {
  const [first, second, third] = await Promise.all([freePort(), freePort(), freePort()]);
  await using world = configured(`
    [reap]
    grace = "0s"
    [projects.my-app]
    prefer = ${first}
    [projects.other]
    range = "${third}-${third}"
    [services.db]
    port = ${second}
    lease = "persistent"
  `);
  expect(await world.acquire("--service", "web")).toBe(first);
  expect(await world.acquire("--service", "db")).toBe(second);
  expect(await world.acquire("--service", "web", "--project", "other")).toBe(third);
  expect((await world.list()).toSorted((a, b) => a.pid - b.pid)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ port: first, lease: "ephemeral", state: "idle" }),
      expect.objectContaining({ port: second, lease: "persistent", state: "idle" }),
    ]) as never,
  );
});

test("an idle claim is replaced if a caller prefers its port, and its owner is named", async () => {
  const port = await freePort();
  await using world = configured('[reap]\ngrace = "0s"\n');
  const owner = world.spawn(["sleep", "60"]);
  await world.acquire("--service", "web", "--prefer", String(port), "--pid", String(owner.pid));
  const args = ["acquire", "--service", "api", "--prefer", String(port)];
  const { out, err } = await world.run(args);
  expect(out).toBe(`${port}\n`);
  expect(err).toBe(
    `portclaim: port ${port} was claimed for "web" in my-app by sleep (pid ${owner.pid}), but has long been idle\n`,
  );
});

test("row 40: a range that is used up ends with exit code 3, and says what to do", async () => {
  const port = await freePort();
  await using world = configured(`[pool]\nrange = "${port}-${port}"\n`);
  expect(await world.acquire("--service", "web", "--lease", "persistent")).toBe(port);
  const { code, out, err } = await world.run(["acquire", "--service", "api"]);
  expect(err).toContain(`no free port in ${port}-${port}\n`);
  expect(err).toContain("portclaim reap");
  expect([code, out]).toEqual([3, ""]);
});
