import { describe, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { PORTCLAIM, type Result, World } from "../harness.ts";
import { needs } from "../needs.ts";
import { AS_NOBODY, mountMemory, NOBODY, remount } from "../privileged.ts";

const asking = ["acquire", "--service", "web"];

/** Writes into a file until the disk is full. */
function fill(path: string): void {
  Bun.spawnSync(["dd", "if=/dev/zero", `of=${path}`, "bs=512", "status=none"]);
}

describe("row 24: a full disk", () => {
  needs("mounts").test(
    "fails an acquire with its name, and costs no claim and no port",
    async () => {
      await using world = new World();
      using _disk = mountMemory(world.home, "size=64k");
      const port = await world.acquire("--service", "first");
      fill(`${world.home}/filler`);
      const { code, out, err } = await world.run(asking);
      expect(err).toMatch(
        /^portclaim: cannot (open|create|write|fsync) .*\/claims\/\d+\.json\.tmp: /,
      );
      expect(err).toContain("no space left on device");
      expect([code, out]).toEqual([1, ""]);
      expect(readdirSync(`${world.home}/claims`)).toEqual([`${port}.json`]);
      expect((await world.list()).map((claim) => claim.port)).toEqual([port]);
      rmSync(`${world.home}/filler`);
      expect(await world.run(asking)).toMatchObject({ code: 0 });
    },
  );

  needs("mounts").test(
    "with room for some of several claims gets all of them or none",
    async () => {
      await using world = new World();
      using _disk = mountMemory(world.home, "size=64k");
      await world.acquire("--service", "first");
      const filler = `${world.home}/filler`;
      fill(filler);
      // A page of tmpfs is 4 KiB: room for a claim or two, not for six.
      Bun.spawnSync(["truncate", "--size=-8K", filler]);
      const services = Array.from({ length: 6 }, (_, i) => ["--service", `s${i}`]).flat();
      expect(await world.run(["acquire", ...services])).toMatchObject({ code: 1, out: "" });
      expect((await world.list()).map(({ service }) => service)).toEqual(["first"]);
      expect(readdirSync(`${world.home}/claims`)).toHaveLength(1);
    },
  );

  needs("mounts").test("lets claims be released", async () => {
    await using world = new World();
    using _disk = mountMemory(world.home, "size=64k");
    const port = await world.acquire("--service", "first");
    fill(`${world.home}/filler`);
    expect(await world.run(["release", String(port)])).toMatchObject({ code: 0 });
  });

  needs("mounts").test("without files left (EDQUOT, no inode) is the same", async () => {
    await using world = new World();
    using _disk = mountMemory(world.home, "nr_inodes=6");
    let result: Result;
    let claims = 0;
    do {
      result = await world.run(asking);
      claims += Number(result.code === 0);
    } while (result.code === 0 && claims < 10);
    expect(result).toMatchObject({ code: 1, out: "" });
    expect(result.err).toContain("no space left on device");
    expect(await world.list()).toHaveLength(claims);
  });
});

describe("row 25: a registry that is read-only", () => {
  needs("mounts").test("is read, and not changed", async () => {
    await using world = new World();
    using _disk = mountMemory(world.home, "size=64k");
    const port = await world.acquire("--service", "web");
    rmSync(`${world.home}/.lock`);
    remount(world.home, "ro");
    expect((await world.list()).map((claim) => claim.port)).toEqual([port]);
    expect((await world.run(["find", "--service", "web"])).out).toBe(`${port}\n`);
    expect(await world.run(["reap", "--dry-run"])).toMatchObject({ code: 0 });
    for (const args of [asking, ["release", String(port)], ["reap"]]) {
      const { code, out, err } = await world.run(args);
      expect(err).toContain(`cannot open ${world.home}/.lock: read-only file system`);
      expect([code, out]).toEqual([1, ""]);
    }
  });

  needs("mounts").test("inside a sandbox names the sandbox, and a way around it", async () => {
    await using world = new World({ CODEX_SANDBOX: "seatbelt" });
    using _disk = mountMemory(world.home, "size=64k");
    remount(world.home, "ro");
    const { code, err } = await world.run(asking);
    expect(err).toContain("inside Codex's sandbox (CODEX_SANDBOX=seatbelt)");
    expect(err).toContain("portclaim's MCP tools");
    expect(code).toBe(1);
  });
});

describe("row 26: a registry without permission", () => {
  const asNobody = (world: World, args: string[]) =>
    world.exec([...AS_NOBODY, ...PORTCLAIM, ...args]);

  needs("another user").test("that may not be entered is an error with its path", async () => {
    await using world = new World();
    await world.acquire("--service", "web");
    chmodSync(world.path("."), 0o755);
    for (const args of [asking, ["list"]]) {
      const { code, out, err } = await asNobody(world, args);
      expect(err).toContain(world.home);
      expect(err).toContain("permission denied");
      expect([code, out]).toEqual([1, ""]);
    }
  });

  needs("another user").test(
    "that is another user's is refused, and the user is named",
    async () => {
      await using world = new World();
      await world.acquire("--service", "web");
      chmodSync(world.path("."), 0o755);
      chmodSync(world.home, 0o755);
      const { code, err } = await asNobody(world, asking);
      for (const fact of [world.home, "user 0", NOBODY]) expect(err).toContain(`${fact}`);
      expect(code).toBe(1);
    },
  );

  needs("another user").test(
    "that its own user may not write to is an error with its path",
    async () => {
      await using world = new World();
      chmodSync(world.path("."), 0o755);
      chownSync(world.home, NOBODY, NOBODY);
      chmodSync(world.home, 0o500);
      const { code, err } = await asNobody(world, asking);
      expect(err).toContain(`cannot create directory ${world.home}/claims: permission denied`);
      expect(code).toBe(1);
    },
  );

  needs("another user").test("a claim that may not be read reserves its port", async () => {
    await using world = new World();
    mkdirSync(`${world.home}/claims`, { recursive: true });
    writeFileSync(`${world.home}/claims/4000.json`, "{}", { mode: 0o600 });
    chmodSync(world.path("."), 0o755);
    for (const path of [world.home, `${world.home}/claims`]) chownSync(path, NOBODY, NOBODY);
    const { code, err } = await asNobody(world, [...asking, "--prefer", "4000", "--exact"]);
    expect(err).toContain("it can't be read (EACCES)");
    expect(code).toBe(3);
    expect((await asNobody(world, ["list"])).err).toContain(
      "port 4000 is reserved by an unreadable claim file",
    );
  });

  needs("root").test(
    "row 34: a registry that others may write to is refused, to root too",
    async () => {
      await using world = new World();
      chmodSync(world.home, 0o777);
      const { code, err } = await world.run(asking);
      expect(err).toContain(`${world.home} is writable by others (mode 0777)`);
      expect(err).toContain(`chmod 700 ${world.home}`);
      expect(code).toBe(1);
    },
  );
});

test("rows 28 to 33: unreadable claims reserve their ports, and list says why", async () => {
  await using world = new World();
  await world.run(["init"]);
  const claims = `${world.home}/claims`;
  writeFileSync(`${claims}/4000.json`, "");
  writeFileSync(`${claims}/4001.json`, '{"port": 4001, "pid":');
  writeFileSync(`${claims}/4002.json`, `{"port": 4002}${" ".repeat(70_000)}`);
  writeFileSync(`${claims}/4003.json`, '{"port": 4000}');
  Bun.spawnSync(["ln", "-s", "4000.json", `${claims}/4004.json`]);
  Bun.spawnSync(["mkfifo", `${claims}/4005.json`]);
  mkdirSync(`${claims}/4006.json`);
  writeFileSync(`${claims}/4007.json`, '{"port": 4007, "pid": -1}');
  for (const junk of ["README.md", "0.json", "65536.json"])
    writeFileSync(`${claims}/${junk}`, "{}");
  writeFileSync(`${world.home}/config.toml`, '[pool]\nrange = "4000-4007"\n');
  const { code, out, err } = await world.run(["list"]);
  expect([code, out]).toEqual([0, "[]\n"]);
  const said = err.trim().split("\n");
  expect(said.map((line) => /^portclaim: port (\d+) is reserved /.exec(line)?.[1])).toEqual(
    Array.from({ length: 8 }, (_, i) => String(4000 + i)),
  );
  expect(said[2]).toContain("larger than 65536 bytes");
  expect(said[3]).toContain("its port is 4000, but the file is named 4003.json");
  expect(said[7]).toContain("its pid is not a process id");
  expect(await world.run(asking)).toMatchObject({ code: 3, out: "" });
  expect(await world.run(["release", "4001"])).toMatchObject({ code: 1 });
  expect(await world.run(["release", "4001", "--force"])).toMatchObject({ code: 0 });
  expect((await world.run(asking)).out).toBe("4001\n");
});
