import { type Field, text, textsOf } from "../model/field.ts";
import { skipOptions } from "../model/options.ts";
import { inShell } from "./scripts.ts";

/** Programs that run another one behind one of these verbs, or at once. */
export const RUNNERS: Record<string, string[]> = {
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

/** The command that npx, `npm exec` and the like run. */
export function unwrapRunner(
  name: string,
  args: readonly Field[],
  verbs: string[],
): Field[] | undefined {
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
