import { expect, test } from "bun:test";
import { parsePs } from "../../../native/darwin/processes.ts";

// The columns of ps(1) on macOS, widths and padding included.
const OUTPUT = `\
    1     0     1     0 Ss   ??       Mon Mar  2 08:15:09 2026     /sbin/launchd
  612     1   612   501 S    ??       Mon Mar  2 08:16:01 2026     /Applications/Visual Studio Code.app/Contents/MacOS/Electron
 4711   612  4711   501 S+   ttys001  Tue Mar 17 15:04:05 2026     node /Users/me/my app/server.js --port 3000
 4712  4711  4711   501 Z+   ttys001  Tue Mar 17 15:04:06 2026     (sh)
 4713   612  4713   501 Ss+  ttys002  Tue Mar 17 15:04:07 2026     -zsh
`;

test("every line of ps is a process, with its whole command", () => {
  const rows = parsePs(OUTPUT);
  expect(rows.map(({ pid }) => pid)).toEqual([1, 612, 4711, 4712, 4713]);
  expect(rows[2]).toEqual({
    pid: 4711,
    parent: 612,
    group: 4711,
    uid: 501,
    start: Date.UTC(2026, 2, 17, 15, 4, 5) / 1000,
    ended: false,
    forked: false,
    name: "node",
    hasTerminal: true,
    suspended: false,
    command: "node /Users/me/my app/server.js --port 3000",
  });
});

test("row 10: a zombie in ps has exited", () => {
  expect(parsePs(OUTPUT).map(({ ended }) => ended)).toEqual([false, false, false, true, false]);
});

test("a start is the same second in whatever week it is read", () => {
  const [first, second] = [parsePs(OUTPUT)[0], parsePs(OUTPUT)[1]];
  expect((second?.start ?? 0) - (first?.start ?? 0)).toBe(52);
});

test("a program is named without its directory", () => {
  expect(parsePs(OUTPUT)[0]?.name).toBe("launchd");
});

test.each(["", "\n", "ps: illegal option\n", "  PID  PPID  PGID   UID STAT TTY STARTED COMMAND\n"])(
  "%p contains no process",
  (text) => {
    expect(parsePs(text)).toEqual([]);
  },
);

test("a process without a command swallows no other", () => {
  const line = " 4714   612  4714   501 S    ??       Tue Mar 17 15:04:08 2026     ";
  const pids = parsePs(`${line}\n${OUTPUT}`).map(({ pid }) => pid);
  expect(pids.filter((pid) => pid !== 4714)).toEqual([1, 612, 4711, 4712, 4713]);
});
