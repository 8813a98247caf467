import { type Field, nameOf, textsOf } from "../model/field.ts";
import { skipOptions } from "../model/options.ts";
import { RUNNERS, unwrapRunner } from "./package-runners.ts";
import { inShell } from "./scripts.ts";

/** Options of programs that run the command behind them: those that take a value. */
const WRAPPERS: Record<string, string> = {
  sudo: "-u -g -C -h -p -r -t -T -U -D -R --user --group --chdir --host --prompt",
  doas: "-u -C",
  env: "-u -C -S --unset --chdir --split-string",
  nohup: "",
  setsid: "",
  exec: "-a",
  builtin: "",
  command: "",
  time: "-f -o --format --output",
  nice: "-n --adjustment",
  ionice: "-c -n -p --class --classdata",
  stdbuf: "-i -o -e",
  timeout: "-s -k --signal --kill-after",
  unbuffer: "",
  noglob: "",
  chronic: "",
  caffeinate: "-t -w",
  taskset: "",
  chrt: "",
  strace: "-e -o -p -s",
  busybox: "",
  gosu: "",
  runuser: "-u --user -g --group",
  "systemd-run": "-p --property -u --unit -E --setenv",
  "xvfb-run": "-n -s -e -f",
  "cross-env": "",
};

/** Words between a wrapper's options and the command: the seconds of timeout, the mask of taskset. */
const OPERANDS: Record<string, number> = { timeout: 1, taskset: 1, chrt: 1, gosu: 1 };

/**
 * The command that a wrapper runs: behind sudo, env, timeout, npx and the like. `undefined` for any
 * other program, and where nothing follows.
 */
export function unwrap(argv: readonly Field[]): Field[] | undefined {
  const name = nameOf(argv[0]);
  const verbs = Object.hasOwn(RUNNERS, name) ? RUNNERS[name] : undefined;
  if (verbs !== undefined) return unwrapRunner(name, argv.slice(1), verbs);
  if (name === "flock" || name === "watch" || name === "script") return unwrapShell(name, argv);
  if (name === "env" && textsOf(argv).some((word) => /^(-S|--split-string)/.test(word)))
    return undefined;
  const valued = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
  if (valued === undefined) return undefined;
  if (name === "command" && textsOf(argv.slice(1, 2)).some((word) => /^-[vV]/.test(word)))
    return undefined;
  let rest = skipOptions(argv.slice(1), valued);
  // NAME=value before the command of env and sudo.
  while (rest[0]?.kind === "text" && /^\w+=/.test(rest[0].text)) rest = rest.slice(1);
  rest = rest.slice(OPERANDS[name] ?? 0);
  return rest.length > 0 ? rest : undefined;
}

/** `flock FILE COMMAND`, `watch COMMAND` and `script -c COMMAND`, which have a shell run a text. */
function unwrapShell(name: string, argv: readonly Field[]): Field[] | undefined {
  const args = argv.slice(1);
  const at = args.findIndex((arg) => arg.kind === "text" && /^(-\w*c|--command)$/.test(arg.text));
  const script = args[at + 1];
  if (name !== "watch" && at >= 0) return script && inShell(script);
  if (name === "script") return undefined;
  const rest = skipOptions(args, "-n --interval -w --timeout --wait -E --conflict-exit-code");
  const command = name === "flock" ? rest.slice(1) : rest;
  const [only, ...others] = command;
  return name === "watch" && only && others.length === 0 ? inShell(only) : command;
}
