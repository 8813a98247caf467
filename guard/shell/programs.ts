import { testOutcome } from "./conditions.ts";
import { type Field, pids, split, textsOf, UNKNOWN } from "./field.ts";
import { FILTERS } from "./filters.ts";
import { fuser, kill, killall, pkill, portclaim, usersOf } from "./kill.ts";
import { readOptions } from "./options.ts";
import { fkill, killPort, killport, redisShutdown, startStopDaemon } from "./other-killers.ts";
import { EITHER, FAILURE, found, OPEN, SUCCESS } from "./outcome.ts";
import { echoed, printed } from "./printed.ts";
import { ps } from "./ps.ts";
import { layoutOfPgrep, lsof, netstat, pgrep, pidof, seq, ss } from "./search.ts";
import type { Shell } from "./shell.ts";
import { nameOf, unwrap, userOf } from "./wrappers.ts";
import { parallel, xargs } from "./xargs.ts";

const ENDING: Record<string, (args: readonly Field[], shell: Shell) => ReturnType<typeof kill>> = {
  kill,
  pkill,
  killall,
  fuser,
  fkill,
  "fkill-cli": fkill,
  "redis-cli": redisShutdown,
  "start-stop-daemon": startStopDaemon,
  "kill-port": killPort,
  killport,
  "kill-my-port": killPort,
  "kill-port-process": killPort,
  "cross-port-killer": killPort,
  "port-killer": killPort,
};

const SHELLS = ["sh", "bash", "zsh", "dash", "ksh"];

type Run = (shell: Shell, args: readonly Field[], input: Field[] | undefined) => Field[];

/** Programs that print process ids or texts, and builtins. Any other prints what isn't known. */
const PRINTING: Record<string, Run> = {
  lsof: (_shell, args) => lsof(args),
  pgrep(_shell, args) {
    const target = pgrep(args);
    return target ? [pids(target, layoutOfPgrep(args))] : [UNKNOWN];
  },
  pidof: (_shell, args) => pidof(args),
  ss: (_shell, args) => ss(args),
  netstat: (_shell, args) => netstat(args),
  fuser: (_shell, args) => usersOf(args).map((target) => pids(target)),
  ps: (_shell, args) => ps(args),
  id: (shell, args) => [(textOf(args[0]) === "-u" && shell.variable("UID")?.[0]) || UNKNOWN],
  seq: (_shell, args) => seq(args),
  echo: (_shell, args) => echoed(args),
  printf: (_shell, args) => printed(args),
  cat: (shell, args, input) =>
    args.length === 0 ? (input ?? []) : shell.read(args.filter((arg) => textOf(arg) !== "-")),
  // The jobs are the command's own.
  jobs: () => [],
  cd(shell, args) {
    shell.cwd = directoryAfter(shell.cwd, textOf(args[0]));
    return [];
  },
  eval(shell, args, input) {
    const script = textIn(args, " ");
    return script === undefined ? [UNKNOWN] : shell.source(script, input);
  },
  trap(shell, args) {
    const script = textOf(args[0]);
    if (args.length > 1 && script !== undefined && script !== "-") shell.subshell().source(script);
    return [];
  },
  su,
  xargs,
  parallel,
  mapfile: readLines,
  readarray: readLines,
  read(shell, args, input) {
    for (const name of textsOf(args))
      if (!name.startsWith("-")) shell.set(name, input ?? [UNKNOWN]);
    return [];
  },
};
PRINTING["pushd"] = PRINTING["cd"] as Run;

/** The text of fields that are all known. */
const textIn = (fields: readonly Field[], between: string) =>
  fields.every(({ kind }) => kind === "text") ? textsOf(fields).join(between) : undefined;

/** `mapfile -t pids`: the lines of its input in an array. */
function readLines(shell: Shell, args: readonly Field[], input: Field[] | undefined): Field[] {
  const name = textOf(args.at(-1));
  if (name !== undefined) shell.set(name, split(input ?? [UNKNOWN]));
  return [];
}

const textOf = (field: Field | undefined) => (field?.kind === "text" ? field.text : undefined);

/** Runs a program: notes what it would end, and returns what it prints. */
export function runProgram(
  shell: Shell,
  argv: readonly Field[],
  input: Field[] | undefined,
): Field[] {
  const name = nameOf(argv[0]);
  const args = argv.slice(1);
  shell.outcome = SUCCESS;
  // Another user may not end the processes of this one.
  const user = userOf(argv);
  if (user && !["root", ...textsOf(shell.variable("USER") ?? [])].includes(textOf(user) ?? "")) {
    return [UNKNOWN];
  }
  const inner = unwrap(argv);
  if (inner !== undefined) return shell.run(inner, input);
  if (SHELLS.includes(name)) return runShell(shell, args, input);
  if (name === "portclaim") {
    const forced = portclaim(args);
    if (forced) shell.force(forced);
    return [UNKNOWN];
  }
  const ends = own(ENDING, name)?.(args, shell) ?? [];
  shell.note(ends);
  const filter = input && own(FILTERS, name);
  const run = own(PRINTING, name);
  const output = filter ? filter(input, args) : (run?.(shell, args, input) ?? [UNKNOWN]);
  const asks = textOf(args[0]) === "-0";
  if (ends.length > 0 || (own(ENDING, name) && name !== "fuser" && !asks)) shell.outcome = EITHER;
  else if (name === "test" || name === "[") {
    shell.outcome = testOutcome(name === "[" ? args.slice(0, -1) : args, shell);
  } else if (CHOOSING.includes(name)) {
    shell.outcome = found(output) ?? (textsOf(output).length > 0 ? SUCCESS : OPEN);
  } else if (FINDING.includes(name) || asks) {
    shell.outcome = found(asks ? args : output) ?? SUCCESS;
  } else if (name === "false") shell.outcome = FAILURE;
  return output;
}

/** Programs whose exit status says whether they found something. */
const FINDING = ["lsof", "pgrep", "pidof", "fuser"];
/** And those that may find nothing in what isn't known. */
const CHOOSING = ["grep", "egrep", "fgrep", "rg", "awk", "diff", "cmp", "expr", "jq"];

const own = <T>(table: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** `bash -c '…'`, or a script on stdin. */
function runShell(shell: Shell, args: readonly Field[], input: Field[] | undefined): Field[] {
  const at = args.findIndex((arg) => /^(-[a-z]*c|--command)$/.test(textOf(arg) ?? ""));
  if (at >= 0) {
    const script = textOf(args.slice(at + 1).find((arg) => !textOf(arg)?.startsWith("-")));
    return script === undefined ? [UNKNOWN] : shell.subshell().source(script, input);
  }
  const isScript = args.some((arg) => !textOf(arg)?.startsWith("-"));
  if (isScript || input === undefined) return [UNKNOWN];
  const script = textIn(input, "\n");
  return script === undefined ? [UNKNOWN] : shell.subshell().source(script);
}

/** `su USER -c '…'`: of root, without a user. */
function su(shell: Shell, args: readonly Field[], input: Field[] | undefined): Field[] {
  const { values, rest } = readOptions(args, { short: "csg", long: "command shell group" });
  const user = textsOf(rest).find((word) => word !== "-") ?? "root";
  const script = (values.get("c") ?? values.get("command"))?.[0];
  const isOther = !["root", ...textsOf(shell.variable("USER") ?? [])].includes(user);
  if (isOther || (script === "" && input !== undefined)) return [UNKNOWN];
  return script ? shell.subshell().source(script) : [UNKNOWN];
}

function directoryAfter(cwd: string | undefined, path: string | undefined): string | undefined {
  if (path === undefined || path === "-" || path.startsWith("~") || path.includes("$"))
    return undefined;
  if (path.startsWith("/")) return path;
  return cwd === undefined ? undefined : `${cwd}/${path}`;
}
