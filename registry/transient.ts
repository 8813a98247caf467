import type { Process } from "../native/facts.ts";

const SHELLS = new Set(
  "sh bash dash zsh ksh ksh93 mksh ash yash rbash fish csh tcsh nu".split(" "),
);

/** Programs that run another one and end with it. */
const WRAPPERS = new Set(
  (
    "env timeout nice nohup sudo su doas runuser pkexec xargs parallel time script flock direnv " +
    "strace ltrace stdbuf unbuffer ionice chrt taskset setsid setarch setpriv prlimit chroot " +
    "unshare nsenter bwrap firejail faketime"
  ).split(" "),
);

/** Below these no process asked for the call: they start others and never end. */
const SUPERVISORS = new Set(
  (
    "systemd launchd init cron crond atd tmux screen SCREEN supervisord containerd-shim " +
    "containerd-shim-runc-v2 conmon"
  ).split(" "),
);

const OPTIONS_WITH_VALUE = new Set(["--rcfile", "--init-file", "--init-command"]);

const baseName = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** The arguments of a process; a title written as one string is split at its spaces. */
export function words(argv: readonly string[]): string[] {
  const list = argv.length === 1 ? (argv[0] ?? "").trim().split(/\s+/) : [...argv];
  return baseName(list[0] ?? "") === "busybox" ? list.slice(1) : list;
}

/** "bash" of "-bash" (a login shell) or "/usr/bin/bash". */
export function programOf(argv: readonly string[]): string {
  return baseName(argv[0] ?? "").replace(/^-/, "");
}

export function isShell(argv: readonly string[]): boolean {
  return SHELLS.has(programOf(argv));
}

export function isSupervisor(process: Process): boolean {
  return SUPERVISORS.has(process.name.split(":")[0] ?? "");
}

/** A shell with `c` among its options before the first operand: `sh -c`, `bash -o pipefail -ec`. */
export function isCommandShell(argv: readonly string[]): boolean {
  if (!isShell(argv)) return false;
  for (let i = 1; i < argv.length; i++) {
    const option = argv[i] ?? "";
    if (/^--(command|commands)(=|$)/.test(option)) return true;
    if (option === "--" || option === "-" || !/^[-+]/.test(option)) return false;
    if (option.startsWith("--")) {
      if (OPTIONS_WITH_VALUE.has(option)) i++;
    } else if (option.startsWith("-") && option.includes("c")) return true;
    else if (/[oO]$/.test(option)) i++;
  }
  return false;
}

/** A process that portclaim was started by, as bunx, npx and `npm run portclaim` do. */
function isLauncher(argv: readonly string[], command: string): boolean {
  const at = argv.findIndex((word) => /^portclaim(@|$)/.test(baseName(word)));
  return at >= 0 && argv.indexOf(command, at + 1) > at;
}

/** A forked copy of a shell, `$(portclaim … | jq)`, which is gone in a moment. */
function isSubshell(process: Process, argv: readonly string[], parent: readonly string[]): boolean {
  if (!isShell(argv)) return false;
  return process.forked || (parent.length > 0 && argv.join("\0") === parent.join("\0"));
}

const ONLY_PORTCLAIM = /^\s*(\S*\/)?portclaim(@\S+)?(\s[^;&|$`()<>\n]*)?$/;

/** `npm run port` whose whole script is a call of portclaim; `below` is what it started. */
function isScriptRunner(argv: readonly string[], below: readonly string[] | undefined): boolean {
  const program = programOf(argv) === "node" ? baseName(argv[1] ?? "") : programOf(argv);
  const runner = program.replace(/(-cli)?\.[cm]?js$/, "");
  if (!["npm", "pnpm", "yarn", "bun"].includes(runner)) return false;
  if (below !== undefined)
    return isCommandShell(below) && below.some((word) => ONLY_PORTCLAIM.test(word));
  // bun also runs files, and a program may well call portclaim without being its script.
  const at = argv.indexOf("run");
  return runner !== "bun" || (at > 0 && /^[^./]+$/.test(argv[at + 1] ?? "."));
}

/** What is known of a process on the way up from a call. */
export interface Step {
  process: Process;
  argv: readonly string[];
  /** The arguments of its parent. */
  parent: () => readonly string[];
  /** The arguments of the process below it; none where that is portclaim itself. */
  below: readonly string[] | undefined;
}

/** Whether a process only carried this call and won't outlive it. `command` is ours: "acquire". */
export function isTransient({ process, argv, parent, below }: Step, command: string): boolean {
  return (
    WRAPPERS.has(programOf(argv)) ||
    isCommandShell(argv) ||
    isLauncher(argv, command) ||
    isScriptRunner(argv, below) ||
    isSubshell(process, argv, process.forked ? [] : parent())
  );
}
