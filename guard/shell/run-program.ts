import { FILTERS } from "./filters/filters.ts";
import { filterTexts } from "./filters/known-texts.ts";
import { FINDERS } from "./finders/finders.ts";
import { usersOf } from "./killers/fuser.ts";
import { KILLERS } from "./killers/killers.ts";
import { portclaim } from "./killers/portclaim.ts";
import { BUILTINS } from "./language/builtins.ts";
import { testOutcome } from "./language/conditions.ts";
import { echo, printf, seq } from "./language/echo.ts";
import { type Field, nameOf, pids, textIn, textOf, textsOf, UNKNOWN } from "./model/field.ts";
import { EITHER, FAILURE, found, ifThere, OPEN, SUCCESS } from "./model/outcome.ts";
import type { Run, Shell } from "./model/shell.ts";
import { runsAsOtherUser } from "./runners/other-user.ts";
import { runFile, SCRIPTS } from "./runners/scripts.ts";
import { unwrap } from "./runners/wrappers.ts";
import { parallel, xargs } from "./runners/xargs.ts";

/** What else prints something known, or changes the shell. Any other program prints what isn't known. */
const OTHERS: Record<string, Run> = {
  fuser: (_shell, args) => usersOf(args).map((target) => pids(target)),
  id: (shell, args) => [(textOf(args[0]) === "-u" && shell.variable("UID")?.[0]) || UNKNOWN],
  seq: (_shell, args) => seq(args),
  echo: (_shell, args) => echo(args),
  printf: (_shell, args) => printf(args),
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
  ...SCRIPTS,
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
  if (runsAsOtherUser(argv, shell)) return [UNKNOWN];
  const inner = unwrap(argv);
  if (inner !== undefined) return shell.run(inner, input);
  if (name === "portclaim") {
    const forced = portclaim(args);
    if (forced) shell.force(forced);
    return [UNKNOWN];
  }
  const ends = own(KILLERS, name)?.(args, shell) ?? [];
  shell.note(ends);
  const output = outputOf(shell, argv, input);
  const asks = textOf(args[0]) === "-0";
  if (ends.length > 0) shell.outcome = ifThere(ends.map(({ target }) => target)) ?? EITHER;
  else if (own(KILLERS, name) && name !== "fuser" && !asks) shell.outcome = EITHER;
  else if (name === "test" || name === "[") {
    shell.outcome = testOutcome(name === "[" ? args.slice(0, -1) : args, shell);
  } else if (CHOOSING.includes(name)) {
    shell.outcome = found(output) ?? (textsOf(output).length > 0 ? SUCCESS : OPEN);
  } else if (asks) shell.outcome = found(args.map(asProcess)) ?? OPEN;
  else if (FINDING.includes(name)) {
    shell.outcome = found(output) ?? SUCCESS;
  } else if (LOOKING.includes(name)) {
    const isKnown = textsOf(args).some((word) =>
      [KILLERS, FINDERS, OTHERS].some((table) => Object.hasOwn(table, word)),
    );
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
    return filterTexts(plain, input, args, (rest) => filter(rest, args));
  }
  const finder = own(FINDERS, name);
  if (finder !== undefined) return finder(args);
  const run = own(OTHERS, name);
  if (run !== undefined) return run(shell, args, input);
  if (textOf(argv[0])?.includes("/") && !filter) return runFile(shell, argv);
  // `tail -1 server.pids`
  const [file] = filter ? shell.read(args.slice(-1)) : [];
  if (!filter || file?.kind !== "text") return [UNKNOWN];
  const others = args.slice(0, -1);
  return filterTexts(name, [file], others, (rest) => filter(rest, others));
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
