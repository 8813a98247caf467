import { type Field, text, textsOf } from "./field.ts";

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

/** Programs that run another one behind one of these verbs, or at once. */
const RUNNERS: Record<string, string[]> = {
  npx: [],
  bunx: [],
  pnpx: [],
  npm: ["exec", "x"],
  pnpm: ["dlx", "exec"],
  yarn: ["dlx", "exec", "run"],
  bun: ["x", "run"],
  deno: ["run", "x"],
  uv: ["run"],
  poetry: ["run"],
  pipenv: ["run"],
  bundle: ["exec"],
  mise: ["exec", "x"],
};
/** These run a package's program without a verb too, unless a script of the project has its name. */
const BY_NAME = ["pnpm", "yarn", "bun"];
const RUNNER_VALUES = "-p --package -w --workspace -C --dir --cwd --prefix -F --filter";

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

/** The user, other than root, that a command is run as: `sudo -u postgres`. */
export function userOf(argv: readonly Field[]): Field | undefined {
  const name = nameOf(argv[0]);
  if (name === "gosu") return argv[1];
  if (!["sudo", "doas", "runuser"].includes(name)) return undefined;
  const at = argv.findIndex(
    (arg) => arg.kind === "text" && /^(-\w*u|--user(=.*)?)$/.test(arg.text),
  );
  const [word = ""] = textsOf(argv.slice(at, at + 1));
  if (at < 0) return undefined;
  return word.includes("=") ? text(word.slice(word.indexOf("=") + 1)) : argv[at + 1];
}

function unwrapRunner(name: string, args: readonly Field[], verbs: string[]): Field[] | undefined {
  let rest = skipOptions(args, RUNNER_VALUES);
  const [verb = ""] = textsOf(rest.slice(0, 1));
  let options = args.slice(0, args.length - rest.length);
  if (verbs.includes(verb)) {
    const behind = rest.slice(1);
    rest = skipOptions(behind, RUNNER_VALUES);
    options = [...options, ...behind.slice(0, behind.length - rest.length)];
  } else if (verbs.length > 0 && !(BY_NAME.includes(name) && /^(kill-?port|fkill)/.test(verb))) {
    return undefined;
  }
  // `npx -c 'kill-port 3000'` and `pnpm exec -c 'kill-port 3000'` run a text in a shell.
  const call = textsOf(options).find((word) => /^(-c|--call(=.*)?|--shell-mode)$/.test(word));
  if (call?.includes("=")) return inShell(text(call.slice(call.indexOf("=") + 1)));
  const [first, ...others] = rest;
  if (call !== undefined) return first && inShell(first);
  if (first?.kind !== "text") return undefined;
  // "kill-port@2" is the package of that version, "npm:kill-port" that of npm.
  const program = first.text.replace(/^npm:/, "").replace(/(?<=.)@[\w.^~-]+$/, "");
  return [text(program), ...others];
}

const inShell = (script: Field): Field[] => [text("sh"), text("-c"), script];

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

/** Leaves out options and their values, and a "--". */
function skipOptions(args: readonly Field[], valued: string): Field[] {
  const takesValue = ` ${valued} `;
  let i = 0;
  for (; i < args.length; i++) {
    const field = args[i];
    const word = field?.kind === "text" ? field.text : "";
    if (word === "--") return args.slice(i + 1);
    if (!word.startsWith("-")) break;
    if (takesValue.includes(` ${word} `)) i++;
  }
  return args.slice(i);
}

/** A program's name without its directory. */
export function nameOf(field: Field | undefined): string {
  return field?.kind === "text" ? field.text.slice(field.text.lastIndexOf("/") + 1) : "";
}
