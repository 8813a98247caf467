/** Programs that start servers: such a word is the command, not a service. */
const PROGRAMS =
  "npm npx pnpm yarn bun bunx node deno python python3 uv uvx poetry ruby rails bundle php go cargo " +
  "make docker java sh bash vite next nuxt astro ng storybook nodemon tsx flask uvicorn gunicorn";

export const isProgram = (word: string | undefined) => PROGRAMS.split(" ").includes(word ?? "");

/**
 * A command line of `run` with the `--` that it lacks; nothing if it has no command. `plain` are the
 * indexes of its plain words, of which the first is a service unless a flag names one.
 */
export function withDashes(argv: readonly string[], plain: readonly number[]): string | undefined {
  const [first = argv.length] = plain;
  const isNamed = argv.slice(0, first).some((word) => /^(-s|--service)(=|$)/.test(word));
  const isCommand = isProgram(argv[first]);
  const start = plain[isNamed || isCommand ? 0 : 1];
  if (start === undefined) return undefined;
  const service = isNamed || !isCommand ? [] : ["web"];
  return runLine([...argv.slice(0, start), ...service], argv.slice(start));
}

/** A `run` line: the words before `--`, then the command's. */
export function runLine(own: readonly string[], command: readonly string[]): string {
  return `portclaim run ${[...own, "--", ...command].map(quote).join(" ")}`;
}

/** A word as a shell takes it. */
export function quote(word: string): string {
  return /^[\w@%+=:,./{}-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
