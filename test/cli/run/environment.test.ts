import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { BINARY, PORTCLAIM, temporaryFolder } from "../../harness.ts";
import { buildBinary } from "../../shell-sandbox.ts";
import { Stage } from "../../stage.ts";
import { Terminal } from "../../terminal.ts";

const folder = temporaryFolder();
const probe = join(folder.path, "probe");

beforeAll(() => {
  buildBinary();
  const source = join(import.meta.dir, "probe.c");
  const { success, stderr } = Bun.spawnSync(["gcc", "-o", probe, source]);
  if (!success) throw new Error(`gcc failed: ${stderr.toString()}`);
});
afterAll(() => folder[Symbol.dispose]());

/** What a shell does before it starts the command, and how. */
const SITUATIONS: [string, string][] = [
  ["started by a shell", '"$@"; exit'],
  ["a shell became it", 'exec "$@"'],
  ["with a soft limit of open files", 'ulimit -Sn 512; "$@"; exit'],
  ["with both limits of open files", 'ulimit -n 768; "$@"; exit'],
  ["with both limits, a shell became it", 'ulimit -n 768; exec "$@"'],
  ["with other limits", 'ulimit -c 0; ulimit -s 4096; ulimit -f 1000; "$@"; exit'],
  ["under nohup", 'nohup "$@"'],
  ["with signals ignored", `trap "" HUP INT QUIT USR1; "$@"; exit`],
  ["in the background", '"$@" & wait $!'],
  ["with signals blocked", 'env --block-signal=USR1,TERM,PIPE "$@"'],
  ["with more descriptors open", '"$@" 3< /dev/null 4>&1 9<> /dev/null; exit'],
  ["with stdin closed", '"$@" < /dev/null 7<&0; exit'],
  ["appending to a file", '"$@" >> "$HOME/log"; cat "$HOME/log"'],
  ["with another umask, less important", 'umask 027; nice -n 5 "$@"; exit'],
];

const WAYS: [string, string[]][] = [
  ["the binary", [BINARY]],
  ["source", PORTCLAIM],
];

describe.each(WAYS)("run from %s leaves a command what a shell would", (_way, portclaim) => {
  const ours = [...portclaim, "run", "--service", "web", "--", probe];

  test.each(SITUATIONS)("%s", async (_name, script) => {
    await using stage = new Stage();
    const plain = await stage.exec(["bash", "-c", script, "bash", probe]);
    expect(plain.out).toContain("descriptor 1:");
    await Bun.file(stage.path("log")).write("");
    const found = await stage.exec(["bash", "-c", script, "bash", ...ours]);
    expect(found.out).toBe(plain.out);
    expect(found.code).toBe(plain.code);
  });

  test("in a terminal", async () => {
    await using stage = new Stage();
    const seen = async (command: string[]) => {
      await using terminal = new Terminal(stage, command);
      const text = await terminal.shows(/umask[^]*\n/);
      expect(await terminal.child.exited).toBe(0);
      return text;
    };
    const plain = await seen([probe]);
    expect(plain).toContain("in the foreground: 1");
    expect(await seen(ours)).toBe(plain);
  });

  test("pipes that somebody else made non-blocking, and those that nobody did", async () => {
    await using stage = new Stage();
    for (const flag of ["", "O_NONBLOCK"]) {
      const script = `
import fcntl, os, subprocess, sys
end, other = os.pipe()
flags = fcntl.fcntl(end, fcntl.F_GETFL) | (os.O_NONBLOCK if "${flag}" else 0)
fcntl.fcntl(end, fcntl.F_SETFL, flags)
sys.exit(subprocess.run(sys.argv[1:], stdin=end).returncode)`;
      const run = (command: string[]) => stage.exec(["python3", "-c", script, ...command]);
      const plain = await run([probe]);
      expect(plain.out).toContain(`descriptor 0: 10000 ${flag ? "4000" : "0"}`);
      expect(await run(ours)).toEqual(plain);
    }
  });
});
