import { expect } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { PORTCLAIM, type Result, ROOT, script, SOURCE, World } from "../harness.ts";
import { needs } from "../needs.ts";

const { describe, test } = needs("tracing");

/** A registry in which this test process holds a claim, and whose system calls can fail. */
class Faulty extends World {
  readonly port = this.ports.next();
  readonly claims = `${this.home}/claims`;
  readonly #text = JSON.stringify({
    port: this.port,
    pid: process.pid,
    agent: null,
    project: "my-app",
    service: "web",
    lease: "ephemeral",
    claimed_at: "2020-01-01T00:00:00Z",
  });

  constructor() {
    super();
    mkdirSync(this.claims, { mode: 0o700 });
    writeFileSync(`${this.claims}/${this.port}.json`, this.#text);
  }

  /** Runs a command in which a system call fails; with `path`, only where it is about that. */
  failing(fault: string, command: string[], path?: string): Promise<Result> {
    const only = path === undefined ? ["-e", `trace=${fault.split(":")[0]}`] : ["-P", path];
    return this.strace(["-e", `inject=${fault}`, ...only], [...PORTCLAIM, ...command]);
  }

  strace(options: string[], command: string[]): Promise<Result> {
    return this.exec([
      ..."strace -f -qq -o".split(" "),
      this.path("calls"),
      ...options,
      ...command,
    ]);
  }

  /** The system calls of the command that ran last. */
  get calls(): string {
    return readFileSync(this.path("calls"), "utf8");
  }

  /** Fails unless the claim is there, as it was, and nothing beside it. */
  expectUnchanged(): void {
    expect(readdirSync(this.claims)).toEqual([`${this.port}.json`]);
    expect(readFileSync(`${this.claims}/${this.port}.json`, "utf8")).toBe(this.#text);
  }
}

test.each(["ENOLCK", "ENOSYS", "EOPNOTSUPP"])(
  "row 22: where the file system can't lock (%s) claims are read, and not changed",
  async (code) => {
    await using world = new Faulty();
    const fault = `flock:error=${code}`;
    const { port } = world;
    for (const args of [["acquire", "--service", "api"], ["release", `${port}`], ["reap"]]) {
      const { code: exit, out, err } = await world.failing(fault, args);
      expect(world.calls).toContain(`${code} `);
      expect(err).toContain(`${world.home}/.lock`);
      expect([args, exit, out]).toEqual([args, 1, ""]);
    }
    const list = await world.failing(fault, ["list", "--json"]);
    expect(JSON.parse(list.out)).toMatchObject([{ port, state: "idle" }]);
    world.expectUnchanged();
  },
);

describe("row 23: a registry on a network file system", () => {
  // The first word of struct statfs is the magic number of the file system, here of NFS.
  const nfs = "statfs:poke_exit=@arg2=6969000000000000";

  test("is read, and refused before its lock is asked for", async () => {
    await using world = new Faulty();
    const trace = ["-e", `inject=${nfs}`, "-e", "trace=statfs,flock"];
    const acquire = await world.strace(trace, [...PORTCLAIM, "acquire", "--service", "api"]);
    expect(acquire).toMatchObject({ code: 1, out: "", err: expect.stringContaining("NFS") });
    expect(world.calls).not.toContain("flock");
    const list = await world.failing(nfs, ["list", "--json"]);
    expect(JSON.parse(list.out)).toMatchObject([{ port: world.port }]);
    world.expectUnchanged();
  });

  test("is used if its owner says that its locks can be trusted", async () => {
    await using world = new Faulty();
    world.env["PORTCLAIM_ALLOW_NETWORK_HOME"] = "1";
    const { code, out } = await world.failing(nfs, ["acquire", "--service", "api"]);
    expect([code, Number(out) > 0]).toEqual([0, true]);
  });
});

describe("row 27: what can't be read for lack of resources isn't absent:", () => {
  test.each([
    ["read", "EIO"],
    ["openat", "EMFILE"],
    ["openat", "ENFILE"],
  ])("a claim (%s: %s)", async (call, code) => {
    await using world = new Faulty();
    const path = `${world.claims}/${world.port}.json`;
    const acquire = ["acquire", "--service", "api", "--prefer", `${world.port}`];
    for (const command of [acquire, ["list"]]) {
      const failed = await world.failing(`${call}:error=${code}`, command, path);
      expect(failed).toMatchObject({ code: 1, out: "", err: expect.stringContaining(path) });
    }
    world.expectUnchanged();
  });

  test("a directory of claims", async () => {
    await using world = new Faulty();
    const failed = await world.failing("getdents64:error=EIO", ["list"], world.claims);
    expect(failed).toMatchObject({ code: 1, out: "", err: expect.stringContaining(world.claims) });
    world.expectUnchanged();
  });
});

test.each([
  ["write", "ENOSPC"],
  ["write", "EDQUOT"],
  ["fsync", "EIO"],
  ["rename", "EIO"],
])("row 24: a claim that can't be written (%s: %s) leaves nothing behind", async (call, code) => {
  await using world = new Faulty();
  const wanted = `${world.ports.next()}`;
  const path = `${world.claims}/${wanted}.json`;
  const args = ["acquire", "--service", "api", "--prefer", wanted];
  const failed = await world.failing(`${call}:error=${code}`, args, `${path}.tmp`);
  expect(failed).toMatchObject({ code: 1, out: "", err: expect.stringContaining(path) });
  world.expectUnchanged();
  expect(await world.run(args)).toMatchObject({ code: 0, out: `${wanted}\n` });
});

test("a lock that can't be examined is not kept by the process that asked for it", async () => {
  await using world = new Faulty();
  const lock = world.path("lock");
  const thrice = `
    import { tryLock } from "${ROOT}/native/posix/flock.ts";
    for (let i = 0; i < 3; i++) {
      try { console.log(tryLock(${JSON.stringify(lock)}) === undefined ? "held by another" : "taken"); }
      catch (error) { console.log(error.code); }
    }`;
  // It examines what it locked, and then the path.
  for (const when of [1, 2]) {
    const fault = ["-P", lock, "-e", `inject=statx:error=EIO:when=${when}`];
    const { out } = await world.strace(fault, script(thrice));
    expect([when, ...out.split("\n").slice(0, 2)]).toEqual([when, "EIO", "taken"]);
  }
});

test("row 27: an error is reported even if the code that formats it can't be loaded", async () => {
  await using world = new Faulty();
  const fault = ["-e", "trace=openat", "-e", "inject=openat:error=EMFILE"];
  const report = ["-P", `${ROOT}/cli/output/report.ts`];
  const release = [...SOURCE, "release", `${world.ports.next()}`];
  const { code, err } = await world.strace([...fault, ...report], release);
  expect(code).toBe(1);
  expect(err).toMatch(/^portclaim: no claim for port \d+\n$/);
});
