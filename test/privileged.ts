import { mkdirSync } from "node:fs";
import { PORTCLAIM } from "./harness.ts";

/** Whether this process may make namespaces, mount, and become somebody else. */
export const isRoot = process.platform === "linux" && process.getuid?.() === 0;

const works = (command: string[]) => isRoot && Bun.spawnSync(command, { stdin: "ignore" }).success;

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

/** Whether that user may run portclaim where it lies here. */
export const canBeNobody = works([...AS_NOBODY, ...PORTCLAIM, "--version"]);

/** Runs a shell script in a network of its own, with its loopback up. */
export const ownNetwork = (script: string, ...args: string[]) => [
  ..."unshare --net sh -euc".split(" "),
  `ip link set lo up\n${script}`,
  "sh",
  ...args,
];

export const canOwnNetwork = works(ownNetwork("true"));

/** Runs a shell script in a pid namespace and a network of its own, with a /proc that shows them. */
export const ownPids = (script: string, ...args: string[]) => [
  ..."unshare --net --pid --fork --mount-proc sh -euc".split(" "),
  `ip link set lo up\n${script}`,
  "sh",
  ...args,
];

export const canOwnPids = works(ownPids("true"));

/** Runs what follows in a time namespace whose clocks are so many seconds ahead. */
export const ownTime = (seconds: number) => [
  ..."unshare --time --monotonic".split(" "),
  String(seconds),
  "--boottime",
  String(seconds),
];

export const canOwnTime = works([...ownTime(1000), "true"]);

/** A file system in memory at `path`, as small as `options` say; gone at the end of the scope. */
export function mountMemory(path: string, options: string): Disposable {
  mkdirSync(path, { recursive: true });
  run(["mount", "-t", "tmpfs", "-o", `mode=700,${options}`, "tmpfs", path]);
  return { [Symbol.dispose]: () => run(["umount", "--lazy", path]) };
}

export function remount(path: string, options: string): void {
  run(["mount", "-o", `remount,${options}`, path]);
}

export const canMount = works("unshare --mount mount -t tmpfs tmpfs /mnt".split(" "));

function run(command: string[]): void {
  const { success, stderr } = Bun.spawnSync(command, { stdin: "ignore" });
  if (!success) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
}

const strace = Bun.which("strace") !== null;

/** Whether system calls can be made to fail from outside. */
export const canInject = strace && works(["strace", "-qq", "-o", "/dev/null", "true"]);

/** Runs what follows with some system calls failing: `flock:error=EINTR:when=1..3`; see strace(1). */
export const injecting = (fault: string, log: string) => [
  ..."strace -f -qq -e".split(" "),
  `trace=${fault.split(":")[0]}`,
  "-e",
  `inject=${fault}`,
  "-o",
  log,
];
