import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import type { ClaimView } from "../../registry/model/claim.ts";
import { BINARY, freePort, ROOT, SOURCE, World } from "../harness.ts";
import { skipUnless } from "../needs.ts";

const PACKAGE = `${ROOT}/dist/cli.js`;

/** A directory whose bunfig.toml and .env would take over a program that Bun runs there. */
function hostile(): World {
  const world = new World();
  // The package's entry finds bun on the PATH.
  mkdirSync(world.path("bin"));
  symlinkSync(process.execPath, world.path("bin/bun"));
  world.env["PATH"] = `${world.path("bin")}:${world.env["PATH"]}`;
  delete world.env["PORTCLAIM_HOME"];
  writeFileSync(`${world.cwd}/bunfig.toml`, 'preload = ["./evil.ts"]\n');
  const evil = `require("node:fs").writeFileSync(${JSON.stringify(world.path("ran"))}, "evil");`;
  writeFileSync(`${world.cwd}/evil.ts`, evil);
  const env = `PORTCLAIM_HOME=${world.path("elsewhere")}\nPORTCLAIM_AGENT=evil\n`;
  writeFileSync(`${world.cwd}/.env`, env);
  return world;
}

describe("row 56: a hostile directory has no effect", () => {
  test("though it would have one on any program that Bun runs there", async () => {
    await using world = hostile();
    const plain = [process.execPath, "-e", "console.log(process.env.PORTCLAIM_AGENT)"];
    const bare = [process.execPath, "run", `${ROOT}/cli/main.ts`, "list"];
    expect((await world.exec(plain)).out).toBe("evil\n");
    await world.exec(bare);
    expect(existsSync(world.path("ran"))).toBe(true);
  });

  const artefacts: [string, string[], boolean][] = [
    ["the source with its flags", SOURCE, true],
    ["the built binary", [BINARY], existsSync(BINARY)],
    ["the npm package's entry", [PACKAGE], existsSync(PACKAGE)],
  ];

  for (const [name, command, isThere] of artefacts) {
    skipUnless(isThere, "a build").test(`on ${name}`, async () => {
      await using world = hostile();
      const { code, out, err } = await world.exec([
        ...command,
        "acquire",
        "--service",
        "web",
        "--json",
      ]);
      expect(err).toBe("");
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ agent: null, project: "my-app" });
      expect(existsSync(world.path("ran"))).toBe(false);
      expect(existsSync(world.path("elsewhere"))).toBe(false);
      expect(existsSync(world.path(".portclaim/claims"))).toBe(true);
    });
  }
});

describe("row 57: where Bun may not compile calls to libc", () => {
  const NO_JIT = { BUN_JSC_useJIT: "0" };

  test("reading works", async () => {
    await using world = new World();
    const claim = async (service: string) =>
      await world.acquire("--service", service, "--prefer", String(await freePort()));
    const [port, listener] = [await claim("web"), await claim("api")];
    await world.listen(listener);
    const env = NO_JIT;
    const list = await world.run(["list"], { env });
    expect(list.err).toBe("");
    const claims = JSON.parse(list.out) as ClaimView[];
    expect(claims.toSorted((a, b) => b.service.localeCompare(a.service))).toMatchObject([
      { port, state: "starting" },
      { port: listener, state: "listening", listeners: [{ pid: process.pid }] },
    ]);
    expect(await world.run(["find", "--service", "web"], { env })).toMatchObject({
      out: `${port}\n`,
    });
    expect(await world.run(["find", "--service", "none"], { env })).toMatchObject({ code: 4 });
  });

  test("so does an empty registry", async () => {
    await using world = new World();
    const { code, out, err } = await world.run(["list"], { env: NO_JIT });
    expect([code, out, err]).toEqual([0, "[]\n", ""]);
  });

  test("rows 28 to 33: unreadable claims are reported all the same", async () => {
    await using world = new World();
    await world.acquire("--service", "web");
    const claims = `${world.home}/claims`;
    writeFileSync(`${claims}/4000.json`, "");
    symlinkSync("4000.json", `${claims}/4001.json`);
    mkdirSync(`${claims}/4002.json`);
    Bun.spawnSync(["mkfifo", `${claims}/4003.json`]);
    const [byLibc, byNode] = [
      await world.run(["list"]),
      await world.run(["list"], { env: NO_JIT }),
    ];
    expect(byLibc.err.split("\n")).toHaveLength(5);
    expect(byNode.err).toBe(byLibc.err);
    expect(byNode.code).toBe(0);
  });

  test.each([[["acquire", "--service", "web"]], [["release", "3000"]], [["reap"]]])(
    "%p, which would make changes, is refused, and the error says why",
    async (args) => {
      await using world = new World();
      const { code, out, err } = await world.run([...args, "--json"], { env: NO_JIT });
      const { error } = JSON.parse(err) as { error: Record<string, string> };
      expect(error).toMatchObject({ code: "E_FFI" });
      expect(error["message"]).toStartWith("cannot change claims: JIT");
      expect(error["hint"]).toContain("list, find and who work without");
      expect([code, out]).toEqual([1, ""]);
    },
  );
});

describe("row 35: the registry of root and of a home that is not one", () => {
  test("a relative PORTCLAIM_HOME is refused", async () => {
    await using world = new World();
    const { code, err } = await world.run(["list"], { env: { PORTCLAIM_HOME: "claims" } });
    expect(err).toContain('PORTCLAIM_HOME is not an absolute path: \\"claims\\"');
    expect(code).toBe(1);
  });

  test("HOME is used by default", async () => {
    await using world = new World();
    delete world.env["PORTCLAIM_HOME"];
    const port = await world.acquire("--service", "web");
    expect(existsSync(world.path(`.portclaim/claims/${port}.json`))).toBe(true);
  });
});

test("row 39: a folder full of junk and a large registry are read all the same", async () => {
  await using world = new World();
  await world.run(["init"]);
  const claims = `${world.home}/claims`;
  for (let i = 0; i < 1000; i++) writeFileSync(`${claims}/junk-${i}`, "");
  const seven = { pid: process.pid, agent: null, project: "p", service: "s", lease: "persistent" };
  for (let port = 3000; port < 3300; port++) {
    const claim = { ...seven, port, claimed_at: new Date().toISOString() };
    writeFileSync(`${claims}/${port}.json`, JSON.stringify(claim));
  }
  expect(await world.list()).toHaveLength(300);
  expect(await world.acquire("--service", "web", "--prefer", "3000")).not.toBe(3000);
});
