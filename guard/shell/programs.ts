import { BUILTINS, runFile, type Run, textIn, textOf } from "./builtins.ts";
import { testOutcome } from "./conditions.ts";
import { type Field, pids, textsOf, UNKNOWN } from "./field.ts";
import { FILTERS } from "./filters.ts";
import { fuser, kill, killall, pkill, portclaim, usersOf } from "./kill.ts";
import { fkill, killPort, killport, redisShutdown, startStopDaemon } from "./other-killers.ts";
import { EITHER, FAILURE, found, ifThere, OPEN, SUCCESS } from "./outcome.ts";
import { echoed, printed } from "./printed.ts";
import { ps } from "./ps.ts";
import { layoutOfPgrep, lsof, pgrep, pidof, seq } from "./search.ts";
import type { Shell } from "./shell.ts";
import { netstat, ss } from "./ss.ts";
import { filtered } from "./texts.ts";
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
  uname: (_shell, args) => [
    /^(-s)?$/.test(textIn(args, " ") ?? "?")
      ? { kind: "text", text: process.platform === "darwin" ? "Darwin" : "Linux" }
      : UNKNOWN,
  ],
  // The jobs are the command's own.
  jobs: () => [],
  xargs,
  parallel,
  ...BUILTINS,
};

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
  if (name === "portclaim") {
    const forced = portclaim(args);
    if (forced) shell.force(forced);
    return [UNKNOWN];
  }
  const ends = own(ENDING, name)?.(args, shell) ?? [];
  shell.note(ends);
  const output = outputOf(shell, argv, input);
  const asks = textOf(args[0]) === "-0";
  if (ends.length > 0) shell.outcome = ifThere(ends.map(({ target }) => target)) ?? EITHER;
  else if (own(ENDING, name) && name !== "fuser" && !asks) shell.outcome = EITHER;
  else if (name === "test" || name === "[") {
    shell.outcome = testOutcome(name === "[" ? args.slice(0, -1) : args, shell);
  } else if (CHOOSING.includes(name)) {
    shell.outcome = found(output) ?? (textsOf(output).length > 0 ? SUCCESS : OPEN);
  } else if (asks) shell.outcome = found(args.map(asProcess)) ?? OPEN;
  else if (FINDING.includes(name)) {
    shell.outcome = found(output) ?? SUCCESS;
  } else if (LOOKING.includes(name)) {
    const isKnown = textsOf(args).some((word) => own(ENDING, word) || own(PRINTING, word));
    shell.outcome = isKnown ? SUCCESS : OPEN;
  } else if (name === "false") shell.outcome = FAILURE;
  return output;
}

function outputOf(shell: Shell, argv: readonly Field[], input: Field[] | undefined): Field[] {
  const name = nameOf(argv[0]);
  const args = argv.slice(1);
  const filter = own(FILTERS, name);
  if (filter && input !== undefined) {
    const plain = name === "gawk" || name === "mawk" ? "awk" : name;
    return filtered(plain, input, args, (rest) => filter(rest, args));
  }
  const run = own(PRINTING, name);
  if (run !== undefined) return run(shell, args, input);
  if (textOf(argv[0])?.includes("/") && !filter) return runFile(shell, argv);
  // `tail -1 server.pids`
  const [file] = filter ? shell.read(args.slice(-1)) : [];
  if (!filter || file?.kind !== "text") return [UNKNOWN];
  const others = args.slice(0, -1);
  return filtered(name, [file], others, (rest) => filter(rest, others));
}

/** Programs whose exit status says whether they found something. */
const FINDING = ["lsof", "pgrep", "pidof", "fuser", "ps"];
/** And those that may find nothing in what isn't known. */
const CHOOSING = [
  "grep",
  "egrep",
  "fgrep",
  "rg",
  "awk",
  "diff",
  "cmp",
  "expr",
  "jq",
  "ls",
  "stat",
  "cat",
];

/** Those that look for a program. */
const LOOKING = ["command", "which", "type", "hash"];

/** What `kill -0 4711` asks for. */
const asProcess = (field: Field): Field =>
  field.kind === "text" && /^[1-9]\d*$/.test(field.text)
    ? pids({ kind: "pid", pid: Number(field.text) })
    : field;

const own = <T>(table: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
