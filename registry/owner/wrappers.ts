import type { Process } from "../../native/types.ts";

// startup: one string, because filling a Set takes 25 µs.
const SHELLS = " sh bash dash zsh ksh ksh93 mksh ash yash rbash fish csh tcsh nu ";

/** Programs that run another program and exit with it. */
const WRAPPERS =
  " env timeout nice nohup sudo su doas runuser pkexec xargs parallel time script flock direnv mise " +
  "strace ltrace stdbuf unbuffer ionice chrt taskset setsid setarch setpriv prlimit chroot " +
  "unshare nsenter bwrap firejail faketime ";

/** Processes that start others and never exit: none of them is the owner of a claim. */
const SUPERVISORS =
  " systemd launchd init cron crond atd tmux screen SCREEN supervisord containerd-shim " +
  "containerd-shim-runc-v2 conmon ";

const OPTIONS_WITH_VALUE = " --rcfile --init-file --init-command ";

const isOneOf = (names: string, name: string) => !name.includes(" ") && names.includes(` ${name} `);

const baseName = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** The arguments of a process. A title that it wrote over them as one string is split at its spaces. */
export function words(argv: readonly string[]): readonly string[] {
  const title = argv.length === 1 ? (argv[0] ?? "").trim() : "";
  const list = title.includes(" ") ? title.split(/\s+/) : argv;
  return baseName(list[0] ?? "") === "busybox" ? list.slice(1) : list;
}

/** The program of a command line: "bash" for "-bash" (a login shell) and "/usr/bin/bash". */
export function programOf(argv: readonly string[]): string {
  const name = baseName(argv[0] ?? "");
  return name.startsWith("-") ? name.slice(1) : name;
}

export function isShell(argv: readonly string[]): boolean {
  return isOneOf(SHELLS, programOf(argv));
}

export function isSupervisor({ name }: Process): boolean {
  const colon = name.indexOf(":");
  return isOneOf(SUPERVISORS, colon < 0 ? name : name.slice(0, colon));
}

/** A shell with `c` among its options before the first operand: `sh -c`, `bash -o pipefail -ec`. */
export function isCommandShell(argv: readonly string[]): boolean {
  if (!isShell(argv)) return false;
  for (let i = 1; i < argv.length; i++) {
    const option = argv[i] ?? "";
    const name = option.includes("=") ? option.slice(0, option.indexOf("=")) : option;
    if (name === "--command" || name === "--commands") return true;
    if (option === "--" || option === "-") return false;
    if (option.startsWith("--")) {
      if (isOneOf(OPTIONS_WITH_VALUE, option)) i++;
    } else if (option.startsWith("-") || option.startsWith("+")) {
      if (option.startsWith("-") && option.includes("c")) return true;
      if (option.endsWith("o") || option.endsWith("O")) i++;
    } else return false;
  }
  return false;
}

/** Whether a process started portclaim as its launcher: bunx, npx, `npm run portclaim`. */
function isLauncher(argv: readonly string[], command: string): boolean {
  for (let at = 0; at < argv.length; at++) {
    const name = baseName(argv[at] ?? "");
    if (name !== "portclaim" && !name.startsWith("portclaim@")) continue;
    return argv.indexOf(command, at + 1) > at;
  }
  return false;
}

/** Whether a process is a forked copy of its shell, as in `$(portclaim … | jq)`, which exits in a moment. */
function isSubshell(process: Process, argv: readonly string[], parent: readonly string[]): boolean {
  if (!isShell(argv)) return false;
  return process.forked || (parent.length > 0 && argv.join("\0") === parent.join("\0"));
}

/** Whether a command line calls portclaim and nothing else. pnpm 12 sets a trap before it. */
function isCallOfOurs(line: string): boolean {
  return /^\s*(trap '[^']*' INT; )?(\S*\/)?portclaim(@\S+)?(\s[^;&|$`()<>\n]*)?$/.test(line);
}

/** "npm" for "npm-cli.js", "yarn" for "yarn.cjs". */
function withoutEnding(program: string): string {
  const dot = program.lastIndexOf(".");
  if (dot < 0 || !isOneOf(" js cjs mjs ", program.slice(dot + 1))) return program;
  const end = program.endsWith("-cli", dot) ? dot - 4 : dot;
  return program.slice(0, end);
}

/** Whether a process runs a package script that is one call of portclaim; `below` is what it started. */
function isScriptRunner(argv: readonly string[], below: readonly string[] | undefined): boolean {
  const program = programOf(argv) === "node" ? baseName(argv[1] ?? "") : programOf(argv);
  const runner = withoutEnding(program);
  if (!isOneOf(" npm pnpm yarn bun ", runner)) return false;
  // bun also runs files and tests, and a program that calls portclaim isn't a package script.
  if (runner === "bun" && (argv[1] === "test" || isFile(scriptOf(argv)))) return false;
  if (below !== undefined) return isCommandShell(below) && below.some(isCallOfOurs);
  return runner !== "bun" || argv.includes("run");
}

/** What `bun run NAME` or `bun NAME` names; "" if nothing. */
function scriptOf(argv: readonly string[]): string {
  const at = argv.indexOf("run");
  return (at > 0 ? argv[at + 1] : argv.find((word, i) => i > 0 && !word.startsWith("-"))) ?? "";
}

const isFile = (script: string) => script === "" || script.includes(".") || script.includes("/");

/** One process on the way up from a call. */
export interface WalkStep {
  process: Process;
  argv: readonly string[];
  /** The arguments of its parent. */
  parent: () => readonly string[];
  /** The arguments of the process below it; none where that is portclaim itself. */
  below: readonly string[] | undefined;
}

/** Whether a process exists for this call alone and won't outlive it. `command` is portclaim's: "acquire". */
export function isWrapper({ process, argv, parent, below }: WalkStep, command: string): boolean {
  return (
    isOneOf(WRAPPERS, programOf(argv)) ||
    isCommandShell(argv) ||
    isLauncher(argv, command) ||
    isScriptRunner(argv, below) ||
    isSubshell(process, argv, process.forked ? [] : parent())
  );
}
