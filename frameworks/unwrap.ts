import { resolve } from "node:path";
import { type Invocation, operandAt, type Peel, valueOf, withWords } from "./invocation.ts";
import type { Reader } from "./reader.ts";
import { bun, node, npm, npx, pnpm, yarn } from "./runners.ts";
import { baseName } from "./tools.ts";

/** The most layers to unwrap: more than any project nests. */
const DEEPEST = 16;

/** The innermost command of a call; `undefined` if any script in between isn't a simple command. */
export function unwrap(call: Invocation, reader: Reader): Invocation | undefined {
  let at: Invocation | undefined = call;
  for (let depth = 0; depth < DEEPEST; depth++) {
    const peel: Peel | undefined = peelOf(at.words[0] ?? "");
    const inner: Invocation | undefined = peel?.(at, reader);
    if (peel === undefined || inner === at) return at;
    if (inner === undefined) return undefined;
    at = inner;
  }
  return undefined;
}

function peelOf(command: string): Peel | undefined {
  const program = baseName(command);
  if (/^(python|pypy)[\d.]*$/.test(program)) return python;
  return Object.hasOwn(PEELS, program) ? PEELS[program] : undefined;
}

/** `exec vite`, `poetry run flask run`: the command follows one of the subcommands; "" for none. */
function prefix(valued: string[] = [], ...subcommands: string[]): Peel {
  return (call) => {
    const { words } = call;
    const at = operandAt(words, 1, valued);
    const isCalled = subcommands.includes(words[at] ?? "");
    const isOptional = subcommands.length === 0 || subcommands.includes("");
    if (!isCalled && !isOptional) return call;
    return withWords(call, words.slice(isCalled ? operandAt(words, at + 1, valued) : at));
  };
}

/** `mise exec node@22 -- vite`: the command follows `--`. */
function behindDashes(...subcommands: string[]): Peel {
  return (call) => {
    const dashes = call.words.indexOf("--");
    const isCalled = subcommands.includes(call.words[1] ?? "") && dashes > 0;
    return isCalled ? withWords(call, call.words.slice(dashes + 1)) : call;
  };
}

/** `env FOO=1 vite` */
const assigning =
  (valued: string[]): Peel =>
  (call) => {
    const { words } = call;
    const start = operandAt(words, 1, valued);
    let at = start;
    while (/^[^=/]+=/.test(words[at] ?? "")) at++;
    const assigned = words.slice(start, at).map((word): [string, string] => {
      const equals = word.indexOf("=");
      return [word.slice(0, equals), word.slice(equals + 1)];
    });
    const cwd = resolve(call.cwd, valueOf(words.slice(1, start), "-C", "--chdir") ?? "");
    const variables = new Map([...call.variables, ...assigned]);
    return { ...call, words: words.slice(at), cwd, variables };
  };

const PYTHON_VALUED = ["-X", "-W", "--check-hash-based-pycs"];

/** `python -m flask run`, `python manage.py runserver`. */
const python: Peel = (call) => {
  const { words } = call;
  const at = operandAt(words, 1, [...PYTHON_VALUED, "-m", "-c"]);
  const flags = words.slice(1, at);
  if (flags.includes("-c")) return call;
  const module = flags.indexOf("-m");
  return withWords(call, words.slice(module < 0 ? at : module + 2));
};

/** `uv run` takes a command, a Python file or a module. */
const uv: Peel = (call, reader) => {
  const { words } = call;
  const at = operandAt(words, 1, UV_VALUED);
  if (words[at] === "tool" && words[at + 1] === "run")
    return uvx(withWords(call, words.slice(at + 1)), reader);
  if (words[at] !== "run") return call;
  const command = operandAt(words, at + 1, UV_VALUED);
  const flags = words.slice(at + 1, command);
  const cwd = resolve(call.cwd, valueOf(words.slice(1, command), "--directory") ?? "");
  const module = valueOf(flags, "-m", "--module");
  const rest = words.slice(command);
  return { ...call, cwd, words: module === undefined ? rest : [module, ...rest] };
};

const UV_VALUED = (
  "-m --module --with --with-editable --with-requirements --from --extra --group --python -p " +
  "--env-file --project --directory --package"
).split(" ");
const uvx = prefix(["--from", "--with", "--python", "-p"]);

/** `ruby bin/rails server` */
const file = prefix(["-I", "-r", "-C"]);

/** `php artisan serve`. `php -S` is a server itself. */
const php: Peel = (call) => {
  const at = operandAt(call.words, 1, ["-d", "-c"]);
  return baseName(call.words[at] ?? "") === "artisan"
    ? withWords(call, call.words.slice(at))
    : call;
};

const PEELS: Record<string, Peel> = {
  npm,
  npx,
  pnpx: npx,
  pnpm,
  yarn,
  yarnpkg: yarn,
  bun,
  bunx: npx,
  node,
  uv,
  uvx,
  php,
  ruby: file,
  corepack: prefix(),
  exec: prefix(),
  nohup: prefix(),
  time: prefix(),
  caffeinate: prefix(),
  env: assigning(["-u", "--unset", "-C", "--chdir"]),
  "cross-env": assigning([]),
  dotenv: prefix(["-e", "-c", "-p", "-v", "-f"], "", "run"),
  dotenvx: prefix(["-f", "-e"], "run"),
  poetry: prefix(["-C", "--directory", "-P", "--project"], "run"),
  pdm: prefix(["-p", "--project"], "run"),
  pipenv: prefix([], "run"),
  rye: prefix([], "run"),
  hatch: prefix(["-e", "--env"], "run"),
  pipx: prefix(["--spec", "--python"], "run"),
  bundle: prefix([], "exec"),
  doppler: behindDashes("run"),
  op: behindDashes("run"),
  infisical: behindDashes("run"),
  mise: behindDashes("exec", "x"),
};
