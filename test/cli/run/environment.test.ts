import { afterAll, beforeAll, describe, expect } from "bun:test";
import { join } from "node:path";
import { PORTCLAIM, SOURCE, temporaryFolder } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { quote, ShellSandbox } from "../../shell-sandbox.ts";
import { Terminal } from "../../terminal.ts";

const folder = temporaryFolder();
/** Prints what a program finds at its start: limits, signals, descriptors, terminal, mask. */
const probe = join(folder.path, "probe");

const { test } = needs("Linux", "gcc");

beforeAll(() => {
  const { success, stderr } = Bun.spawnSync(["gcc", "-o", probe, `${import.meta.dir}/probe.c`]);
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
  ["appending to a file", '"$@" >> "$HOME/log"; cat "$HOME/log"; rm "$HOME/log"'],
  ["with another umask, less important", 'umask 027; nice -n 5 "$@"; exit'],
];

/** Pipes that another program made non-blocking, or didn't. */
const piped = (flag: string) => `
import fcntl, os, subprocess, sys
end, other = os.pipe()
flags = fcntl.fcntl(end, fcntl.F_GETFL) | (os.O_NONBLOCK if "${flag}" else 0)
fcntl.fcntl(end, fcntl.F_SETFL, flags)
sys.exit(subprocess.run(sys.argv[1:], stdin=end).returncode)`;

const ALL: [string, string][] = [
  ...SITUATIONS,
  ...["", "O_NONBLOCK"].map((flag): [string, string] => [
    `reading from a pipe ${flag}`,
    `python3 -c ${quote(piped(flag))} "$@"`,
  ]),
];

describe("a command finds what it would without `portclaim run`", () => {
  const run = ["run", "--service", "web", "--", probe];
  const ours = [PORTCLAIM, SOURCE].map((portclaim) => [...portclaim, ...run]);

  test.each(ALL)("%s", async (_name, script) => {
    await using sandbox = new ShellSandbox();
    const start = (command: string[]) => sandbox.exec(["bash", "-c", script, "bash", ...command]);
    const plain = await start([probe]);
    expect(plain.out).toContain("descriptor 1:");
    if (script.includes("O_NONBLOCK")) {
      const bits = script.includes('if "O_NONBLOCK"') ? "4000" : "0";
      expect(plain.out).toContain(`descriptor 0: 10000 ${bits}`);
    }
    for (const command of ours) {
      const { out, code } = await start(command);
      expect({ out, code }).toEqual({ out: plain.out, code: plain.code });
    }
  });

  test("in a terminal", async () => {
    await using sandbox = new ShellSandbox();
    const seen = async (command: string[]) => {
      await using terminal = new Terminal(sandbox, command);
      const text = await terminal.shows(/umask[^]*\n/);
      expect(await terminal.child.exited).toBe(0);
      // run says where the server will be.
      return text.replace(/^portclaim: .* → .*\r\n/, "");
    };
    const plain = await seen([probe]);
    expect(plain).toContain("in the foreground: 1");
    for (const command of ours) expect(await seen(command)).toBe(plain);
  });
});
