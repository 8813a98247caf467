import { type Field, textsOf } from "./field.ts";

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
};

const PACKAGE_RUNNERS: Record<string, string[]> = {
  npx: [],
  bunx: [],
  pnpx: [],
  npm: ["exec", "x"],
  pnpm: ["dlx", "exec"],
  yarn: ["dlx", "exec"],
  bun: ["x"],
};
const RUNNER_VALUES = "-p --package -w --workspace -C --dir --prefix --filter";

/**
 * The command that a wrapper runs: behind sudo, env, timeout, npx and the like. `undefined` for any
 * other program, and where nothing follows.
 */
export function unwrap(argv: readonly Field[]): Field[] | undefined {
  const name = nameOf(argv[0]);
  const runner = Object.hasOwn(PACKAGE_RUNNERS, name) ? PACKAGE_RUNNERS[name] : undefined;
  if (runner !== undefined) return unwrapRunner(argv, runner);
  const valued = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
  if (valued === undefined) return undefined;
  if (name === "command" && textsOf(argv.slice(1, 2)).some((word) => /^-[vV]/.test(word)))
    return undefined;
  let rest = skipOptions(argv.slice(1), valued);
  // NAME=value before the command of env and sudo.
  while (rest[0]?.kind === "text" && /^\w+=/.test(rest[0].text)) rest = rest.slice(1);
  if (name === "timeout") rest = rest.slice(1);
  return rest.length > 0 ? rest : undefined;
}

function unwrapRunner(argv: readonly Field[], verbs: string[]): Field[] | undefined {
  const call = argv.findIndex((arg) => ["-c", "--call"].includes(textsOf([arg])[0] ?? ""));
  const script = argv[call + 1];
  if (call > 0 && script)
    return ["sh", "-c"].map((word): Field => ({ kind: "text", text: word })).concat(script);
  let rest = skipOptions(argv.slice(1), RUNNER_VALUES);
  if (verbs.length > 0) {
    const [verb] = textsOf(rest.slice(0, 1));
    if (verb === undefined || !verbs.includes(verb)) return undefined;
    rest = skipOptions(rest.slice(1), RUNNER_VALUES);
  }
  const [first, ...others] = rest;
  if (first?.kind !== "text") return undefined;
  // "kill-port@2" is the package of that version.
  const program = first.text.replace(/(?<=.)@[\w.^~-]+$/, "");
  return [{ kind: "text", text: program }, ...others];
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
