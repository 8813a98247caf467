import { expect, test } from "bun:test";
import { ROOT, World } from "../../harness.ts";

const BUN = [process.execPath, "--no-env-file", "--config=/dev/null", "-e"];
const writing = (text: string) => `
import { writeText } from "${ROOT}/native/posix/stdio.ts";
try { writeText(1, ${text}); } catch (error) { writeText(2, error.name + " " + error.code); process.exit(7); }`;

// By libc, and as where libc can't be called.
const NO_JIT = { BUN_JSC_useJIT: "0" };

test.each([
  ["libc", {}],
  ["node:fs", NO_JIT],
])("row 54: by %s, a full device is an error", async (_, env) => {
  await using world = new World(env);
  const command = ["sh", "-c", '"$@" >/dev/full', "sh", ...BUN, writing('"text"')];
  expect(await world.exec(command)).toEqual({ code: 7, out: "", err: "SystemError ENOSPC" });
});

test.each([
  ["libc", {}],
  ["node:fs", NO_JIT],
])("row 54: by %s, a pipe without a reader is an error", async (_, env) => {
  await using world = new World(env);
  const script = 'set -o pipefail; { "$@"; echo "exited with $?" >&2; } | true';
  const { err } = await world.exec([
    "bash",
    "-c",
    script,
    "sh",
    ...BUN,
    writing('"x".repeat(1e6)'),
  ]);
  expect(err).toBe("SystemError EPIPEexited with 7\n");
});

test.each([
  ["libc", {}],
  ["node:fs", NO_JIT],
])("by %s, all of a long text arrives through a slow pipe", async (_, env) => {
  await using world = new World(env);
  const script = '"$@" | { sleep 0.05; wc -c; }';
  const command = ["sh", "-c", script, "sh", ...BUN, writing('"ż".repeat(400_000)')];
  const { out, err } = await world.exec(command);
  expect(err).toBe("");
  expect(Number(out)).toBe(800_000);
});

test.each([
  ["libc", {}],
  ["node:fs", NO_JIT],
])("by %s, all of a text arrives through a pipe that doesn't block", async (_, env) => {
  await using world = new World(env);
  const nonblocking = "use Fcntl; fcntl(STDOUT, F_SETFL, O_NONBLOCK | O_WRONLY); exec @ARGV";
  const script = 'perl -e "$0" -- "$@" | { sleep 0.05; wc -c; }';
  const command = ["sh", "-c", script, nonblocking, ...BUN, writing('"x".repeat(400_000)')];
  const { out, err } = await world.exec(command);
  expect(err).toBe("");
  expect(Number(out)).toBe(400_000);
});
