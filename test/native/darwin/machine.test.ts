import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { ROOT, script, World } from "../../harness.ts";

// What ps and lsof print on a Mac; install() makes programs that print it and record their calls.
const PS = `    1     0     1     0 Ss   ??       Mon Mar  2 08:15:09 2026     /sbin/launchd
 4711     1  4711   501 T    ttys001  Sun Nov  1 01:30:00 2026     node server.js
`;
const LSOF = "p4711\nu501\nfcwd\nn/Users/me/shop\nf18\nn*:3000\n";

function install(world: World, programs: Record<string, string>): string {
  const bin = world.path("mac");
  mkdirSync(bin);
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(`${bin}/${name}`, `#!/bin/sh\necho "$TZ ${name}" >> ${bin}/calls\n${body}\n`);
    chmodSync(`${bin}/${name}`, 0o755);
  }
  return bin;
}

const print = (text: string) => `cat <<'END'\n${text}END`;

async function ask(world: World, bin: string, code: string, env: Record<string, string> = {}) {
  const asking = script(`
    import { darwin } from "${ROOT}/native/darwin/machine.ts";
    const machine = darwin();
    const told = (action) => { try { return action(); } catch (error) { return error.message; } };
    console.log(JSON.stringify(${code}));`);
  const { out, err } = await world.exec(asking, { env: { PATH: `${bin}:/usr/bin:/bin`, ...env } });
  if (err !== "") throw new Error(err);
  return JSON.parse(out) as unknown;
}

const calls = (bin: string) => readFileSync(`${bin}/calls`, "utf8").trim().split("\n");

describe("on a Mac", () => {
  test("an operation runs ps once and lsof once, in UTC", async () => {
    await using world = new World();
    const bin = install(world, { ps: print(PS), lsof: print(LSOF) });
    const all = await ask(
      world,
      bin,
      `[machine.process(4711), machine.process(1), machine.commandLine(4711), machine.user(4711),
        machine.allProcesses().length, machine.workingDirectory(4711), machine.listeners()]`,
    );
    expect(all).toMatchObject([
      { pid: 4711, parent: 1, suspended: true, hasTerminal: true },
      { pid: 1, hasTerminal: false },
      ["node", "server.js"],
      501,
      2,
      "/Users/me/shop",
      [{ port: 3000, address: "::", pid: 4711 }],
    ]);
    expect(calls(bin).toSorted()).toEqual(["UTC lsof", "UTC ps"]);
  });

  test("a slow lsof doesn't make an operation run ps again", async () => {
    await using world = new World();
    const bin = install(world, { ps: print(PS), lsof: `sleep 0.3; ${print(LSOF)}` });
    await ask(world, bin, "[machine.pids(), machine.listeners(), machine.commandLine(4711)]");
    expect(calls(bin)).toEqual(["UTC ps", "UTC lsof"]);
  });

  test.each(["America/New_York", "Asia/Tokyo", "UTC"])(
    "a process that started in the hour that clocks repeat has one start time, also in %s",
    async (TZ) => {
      await using world = new World();
      const bin = install(world, { ps: print(PS), lsof: print(LSOF) });
      const start = await ask(world, bin, "machine.process(4711).start", { TZ });
      expect(start).toBe(Date.UTC(2026, 10, 1, 1, 30) / 1000);
    },
  );

  test("a failing ps or lsof is an error, not an empty list", async () => {
    await using world = new World();
    const failing = "echo 'cannot open /dev/kmem' >&2; exit 1";
    const bin = install(world, { ps: failing, lsof: failing });
    const said = await ask(
      world,
      bin,
      "[told(() => machine.allProcesses()), told(() => machine.listeners())]",
    );
    expect(said).toEqual([
      "run ps cannot open /dev/kmem: EIO",
      "run lsof cannot open /dev/kmem: EIO",
    ]);
  });

  test.each([
    ["killed", "kill -KILL $$", "SIGKILL"],
    ["ended without a word", "exit 3", "exit code 3"],
  ])("a ps or lsof that was %s has failed, whatever it printed", async (_, end, why) => {
    await using world = new World();
    const bin = install(world, { ps: `${print(PS)}\n${end}`, lsof: `${print(LSOF)}\n${end}` });
    const code = "[told(() => machine.allProcesses()), told(() => machine.listeners())]";
    expect(await ask(world, bin, code)).toEqual([`run ps ${why}: EIO`, `run lsof ${why}: EIO`]);
  });

  test("an lsof that finds only some of what it looks for hasn't failed", async () => {
    await using world = new World();
    const bin = install(world, { ps: print(PS), lsof: `${print(LSOF)}\nexit 1` });
    expect(await ask(world, bin, "machine.listeners()")).toMatchObject([{ port: 3000 }]);
  });

  test("a ps that lists no process at all has failed", async () => {
    await using world = new World();
    const bin = install(world, { ps: "exit 1", lsof: print(LSOF) });
    expect(await ask(world, bin, "told(() => machine.process(4711))")).toEndWith(": EIO");
  });

  test("a ps that can't be started is an error too", async () => {
    await using world = new World();
    const bin = install(world, { ps: "", lsof: "" });
    writeFileSync(`${bin}/ps`, "#!/no/such/interpreter\n");
    expect(await ask(world, bin, "told(() => machine.process(4711))")).toBe("run ps: ENOENT");
  });

  test.if(Bun.which("ps") !== null)("the real ps is found and read whatever PATH is", async () => {
    await using world = new World();
    const code = "[process.pid, machine.pids(), machine.process(process.pid)]";
    const [pid, pids, own] = (await ask(world, "/nowhere", code, { PATH: "/nowhere" })) as [
      number,
      number[],
      object,
    ];
    expect(pids).toContain(pid);
    expect(own).toMatchObject({ pid, parent: process.pid, ended: false });
  });

  test("ps itself is not among the processes", async () => {
    await using world = new World();
    const own = 'echo "  $$ 4711 4711 501 R ?? Mon Mar  2 08:15:10 2026 ps -axww"';
    const bin = install(world, { ps: `${print(PS)}\n${own}`, lsof: "" });
    expect(await ask(world, bin, "machine.pids()")).toEqual([1, 4711]);
  });

  test("reading environments runs no other ps", async () => {
    await using world = new World();
    const bin = install(world, { ps: print(PS), lsof: "" });
    await ask(world, bin, "[machine.pids(), [1, 4711].map((pid) => machine.environment(pid))]");
    expect(calls(bin)).toEqual(["UTC ps"]);
  });

  test.if(Bun.which("lsof") !== null)("the output of the real lsof is read", async () => {
    await using world = new World();
    const bin = install(world, { ps: print(PS) });
    const cwd = world.path("żółw \\ x41");
    mkdirSync(cwd);
    const child = world.spawn(["sleep", "60"], { cwd });
    const port = await world.listen(0, "::1");
    const code = `[machine.workingDirectory(${child.pid}), machine.listeners()]`;
    const [directory, listeners] = (await ask(world, bin, code)) as [string, object[]];
    expect(directory).toBe(cwd);
    expect(listeners).toContainEqual({
      port,
      address: "::1",
      uid: process.getuid?.(),
      inode: 0,
      pid: process.pid,
    });
  });

  test("an lsof that exits with 1 without an error message has found nothing", async () => {
    await using world = new World();
    const bin = install(world, { ps: print(PS), lsof: "exit 1" });
    expect(await ask(world, bin, "machine.listeners()")).toEqual([]);
  });
});
