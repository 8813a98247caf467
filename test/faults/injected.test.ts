import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { freePort, PORTCLAIM, ROOT, World } from "../harness.ts";
import { canInject } from "../privileged.ts";

/** A registry in which this test process holds a claim. */
async function claimed(): Promise<{ world: World; port: number; text: string }> {
  const world = new World();
  const port = await freePort();
  mkdirSync(`${world.home}/claims`, { recursive: true, mode: 0o700 });
  const facts = { agent: null, project: "my-app", service: "web", lease: "ephemeral" };
  const text = JSON.stringify({
    port,
    pid: process.pid,
    ...facts,
    claimed_at: "2020-01-01T00:00:00Z",
  });
  writeFileSync(`${world.home}/claims/${port}.json`, text);
  return { world, port, text };
}

/** Runs a command in which a system call fails; with `path`, only where it is about that. */
function failing(world: World, fault: string, args: string[], path?: string) {
  const log = world.path("strace");
  const only = path === undefined ? ["-e", `trace=${fault.split(":")[0]}`] : ["-P", path];
  const strace = ["strace", "-f", "-qq", "-o", log, ...only, "-e", `inject=${fault}`];
  return world.exec([...strace, ...PORTCLAIM, ...args]);
}

const seen = (world: World) => readFileSync(world.path("strace"), "utf8");

describe.if(canInject)("row 22: where the file system can't lock", () => {
  test.each(["ENOLCK", "ENOSYS", "EOPNOTSUPP"])(
    "(%s) claims are read, and not changed",
    async (code) => {
      const { world, port, text } = await claimed();
      await using _world = world;
      const fault = `flock:error=${code}`;
      const changes = [["acquire", "--service", "api"], ["release", String(port)], ["reap"]];
      for (const args of changes) {
        const { code: exit, out, err } = await failing(world, fault, args);
        expect(seen(world)).toContain(`${code} `);
        expect(err).toContain(`Cannot flock ${world.home}/.lock: `);
        expect([args, exit, out]).toEqual([args, 1, ""]);
      }
      const list = await failing(world, fault, ["list", "--json"]);
      expect(JSON.parse(list.out)).toMatchObject([{ port, state: "idle" }]);
      expect(readdirSync(`${world.home}/claims`)).toEqual([`${port}.json`]);
      expect(readFileSync(`${world.home}/claims/${port}.json`, "utf8")).toBe(text);
    },
  );
});

describe.if(canInject)("row 23: a registry on a network file system", () => {
  // The first word of struct statfs is the magic number of the file system, here of NFS.
  const nfs = "statfs:poke_exit=@arg2=6969000000000000";

  test("is read, and refused before its lock is asked for", async () => {
    const { world, port, text } = await claimed();
    await using _world = world;
    const fault = `${nfs} -e trace=statfs,flock`.split(" ");
    const log = world.path("strace");
    const strace = [
      "strace",
      "-f",
      "-qq",
      "-o",
      log,
      "-e",
      `inject=${fault[0]}`,
      ...fault.slice(1),
    ];
    const acquire = await world.exec([...strace, ...PORTCLAIM, "acquire", "--service", "api"]);
    expect(acquire.err).toContain(`${world.home} is on a network file system (NFS)`);
    expect([acquire.code, acquire.out]).toEqual([1, ""]);
    expect(seen(world)).not.toContain("flock");
    const list = await failing(world, nfs, ["list", "--json"]);
    expect(JSON.parse(list.out)).toMatchObject([{ port }]);
    expect(readFileSync(`${world.home}/claims/${port}.json`, "utf8")).toBe(text);
  });

  test("is used where its owner says that its locks can be trusted", async () => {
    const { world } = await claimed();
    await using _world = world;
    world.env["PORTCLAIM_ALLOW_NETWORK_HOME"] = "1";
    const { code, out } = await failing(world, nfs, ["acquire", "--service", "api"]);
    expect([code, Number(out) > 0]).toEqual([0, true]);
  });
});

describe.if(canInject)(
  "row 27: a claim that can't be read for want of something is not absent",
  () => {
    test.each([
      ["read", "EIO"],
      ["openat", "EMFILE"],
      ["openat", "ENFILE"],
    ])("%s: %s", async (call, code) => {
      const { world, port, text } = await claimed();
      await using _world = world;
      const path = `${world.home}/claims/${port}.json`;
      const args = ["acquire", "--service", "api", "--prefer", String(port)];
      for (const command of [args, ["list"]]) {
        const {
          code: exit,
          out,
          err,
        } = await failing(world, `${call}:error=${code}`, command, path);
        expect(err).toContain(`Cannot ${call === "read" ? "read" : "open"} ${path}: `);
        expect([command, exit, out]).toEqual([command, 1, ""]);
      }
      expect(readFileSync(path, "utf8")).toBe(text);
    });

    test("nor is a folder of claims", async () => {
      const { world, port } = await claimed();
      await using _world = world;
      const path = `${world.home}/claims`;
      const { code, out, err } = await failing(world, "getdents64:error=EIO", ["list"], path);
      expect(err).toContain(`Cannot readdir ${path}: the device failed`);
      expect([code, out]).toEqual([1, ""]);
      expect(readdirSync(path)).toEqual([`${port}.json`]);
    });
  },
);

describe.if(canInject)("row 24: a claim that can't be written", () => {
  test.each([
    ["write", "ENOSPC"],
    ["write", "EDQUOT"],
    ["fsync", "EIO"],
    ["rename", "EIO"],
  ])("(%s: %s) leaves none, and nothing beside it", async (call, code) => {
    const { world, port, text } = await claimed();
    await using _world = world;
    const wanted = await freePort();
    const path = `${world.home}/claims/${wanted}.json.tmp`;
    const args = ["acquire", "--service", "api", "--prefer", String(wanted)];
    const { code: exit, out, err } = await failing(world, `${call}:error=${code}`, args, path);
    expect(err).toContain(`Cannot ${call} ${world.home}/claims/${wanted}.json`);
    expect([exit, out]).toEqual([1, ""]);
    expect(readdirSync(`${world.home}/claims`)).toEqual([`${port}.json`]);
    expect(readFileSync(`${world.home}/claims/${port}.json`, "utf8")).toBe(text);
    expect(await world.acquire("--service", "api", "--prefer", String(wanted))).toBe(wanted);
  });
});

test.if(canInject)(
  "a lock that couldn't be looked at is not kept by who asked for it",
  async () => {
    await using world = new World();
    const lock = `${world.path(".")}/lock`;
    const twice = `
    import { tryLock } from "${ROOT}/native/posix/flock.ts";
    for (let i = 0; i < 3; i++) {
      try { console.log(tryLock("${lock}") === undefined ? "held by another" : "taken"); }
      catch (error) { console.log(error.code); }
    }`;
    // Once for each of its looks: at what it locked, and at the path.
    for (const look of [1, 2]) {
      const { out } = await world.exec([
        "strace",
        "-f",
        "-qq",
        "-o",
        world.path("strace"),
        "-P",
        lock,
        "-e",
        `inject=statx:error=EIO:when=${look}`,
        process.execPath,
        "--no-env-file",
        "--config=/dev/null",
        "-e",
        twice,
      ]);
      expect([look, out.split("\n")[0], out.split("\n")[1]]).toEqual([look, "EIO", "taken"]);
    }
  },
);

test.skipIf(!canInject)(
  "row 27: what went wrong is told even if how to tell it can't be loaded",
  async () => {
    await using world = new World();
    const { code, err } = await world.exec([
      ..."strace -f -qq -e trace=openat -e inject=openat:error=EMFILE -P".split(" "),
      `${ROOT}/cli/output/report.ts`,
      "-o",
      world.path("strace"),
      ...PORTCLAIM,
      ..."release 3000".split(" "),
    ]);
    expect([code, err]).toEqual([1, "portclaim: no claim for port 3000\n"]);
  },
);
