import { describe, test } from "bun:test";
import { BINARY, ROOT } from "./binary.ts";
import { AS_NOBODY, ownNetwork, ownPids, ownTime } from "./privileged.ts";
import { findProgram } from "./programs.ts";

const isLinux = process.platform === "linux";
const isRoot = isLinux && process.getuid?.() === 0;
const works = (command: string[]) => isRoot && Bun.spawnSync(command, { stdin: "ignore" }).success;

/** What a test may need of a machine, in the words that tell why it was skipped. */
const CONDITIONS = {
  Linux: () => isLinux,
  root: () => isRoot,
  "another user": () => works([...AS_NOBODY, BINARY, "--version"]),
  "a project that other users may read": () => works([...AS_NOBODY, "cat", `${ROOT}/package.json`]),
  "network namespaces": () => works(ownNetwork("true")),
  "pid namespaces": () => works(ownPids("true")),
  "time namespaces": () => works([...ownTime(1000), "true"]),
  mounts: () => works("unshare --mount mount -t tmpfs tmpfs /mnt".split(" ")),
  tracing: () => works(["strace", "-qq", "-o", "/dev/null", "true"]),
};

type Condition = keyof typeof CONDITIONS;

const isCondition = (what: string): what is Condition => what in CONDITIONS;
const known = new Map<string, boolean>();

function isThere(what: string): boolean {
  const found = known.get(what) ?? (isCondition(what) ? CONDITIONS[what]() : !!findProgram(what));
  known.set(what, found);
  return found;
}

interface Tests {
  test: typeof test;
  describe: typeof describe;
}

/** `test` and `describe` for a machine with all of these: a condition of the table above, or a program. */
export function needs(...all: (Condition | (string & {}))[]): Tests {
  const missing = all.find((what) => !isThere(what));
  return skipUnless(missing === undefined, missing ?? "");
}

/** `test` and `describe`, which skip and say "needs …" where a condition doesn't hold. */
export function skipUnless(condition: boolean, what: string): Tests {
  return condition
    ? { test, describe }
    : { test: named(test.skip, what), describe: named(describe.skip, what) };
}

type Skip = { (name: string, ...rest: unknown[]): unknown; each: (...table: unknown[]) => Skip };

function named<T>(skip: T, what: string): T {
  const say =
    (all: Skip) =>
    (name: string, ...rest: unknown[]) =>
      all(`${name} (needs ${what})`, ...rest);
  const skipped = skip as Skip;
  const one = Object.assign(say(skipped), {
    each: (...table: unknown[]) => say(skipped.each(...table)),
  });
  return Object.assign(one, { concurrent: one }) as T;
}
