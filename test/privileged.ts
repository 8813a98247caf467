import { mkdirSync } from "node:fs";

/** The user and the group "nobody". */
export const NOBODY = 65_534;

/** Runs what follows as a user without any privilege. */
export const AS_NOBODY = [
  "setpriv",
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  "--clear-groups",
  "--inh-caps=-all",
  "--bounding-set=-all",
];

const inNamespaces = (kinds: string[], script: string, args: string[]) => [
  "unshare",
  ...kinds,
  "sh",
  "-euc",
  `ip link set lo up\n${script}`,
  "sh",
  ...args,
];

/** Runs a shell script in a network of its own, with its loopback up. */
export const ownNetwork = (script: string, ...args: string[]) =>
  inNamespaces(["--net"], script, args);

/** Runs a shell script in a pid namespace and a network of its own, with a /proc that shows them. */
export const ownPids = (script: string, ...args: string[]) =>
  inNamespaces(["--net", "--pid", "--fork", "--mount-proc"], script, args);

/** Runs what follows in a time namespace whose clocks are so many seconds ahead. */
export const ownTime = (seconds: number) => [
  ..."unshare --time --monotonic".split(" "),
  String(seconds),
  "--boottime",
  String(seconds),
];

/** A file system in memory at `path`, as small as `options` say; gone at the end of the scope. */
export function mountMemory(path: string, options: string): Disposable {
  mkdirSync(path, { recursive: true });
  run(["mount", "-t", "tmpfs", "-o", `mode=700,${options}`, "tmpfs", path]);
  return { [Symbol.dispose]: () => run(["umount", "--lazy", path]) };
}

export function remount(path: string, options: string): void {
  run(["mount", "-o", `remount,${options}`, path]);
}

function run(command: string[]): void {
  const { success, stderr } = Bun.spawnSync(command, { stdin: "ignore" });
  if (!success) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
}

/** Runs what follows with some system calls failing: `flock:error=EINTR:when=1..3`; see strace(1). */
export const injecting = (fault: string, log: string) => [
  ..."strace -f -qq -e".split(" "),
  `trace=${fault.split(":")[0]}`,
  "-e",
  `inject=${fault}`,
  "-o",
  log,
];
