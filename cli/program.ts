import { type Command, UsageError } from "./command.ts";
import { acquireCommand } from "./commands/acquire.ts";
import { findCommand } from "./commands/find.ts";
import { listCommand } from "./commands/list.ts";
import { releaseCommand } from "./commands/release.ts";
import { EXIT } from "./exit.ts";
import { makeIo, mayColor, type Streams } from "./output/io.ts";
import type { report } from "./output/report.ts";
import { parseArguments } from "./parse/argv.ts";

type Environment = Record<string, string | undefined>;

/** What is asked of the program itself, not of a command. */
const ABOUT = ["--help", "-h", "help", "--version", "-V", "version"];

/** Runs one command line; returns its exit code. */
export async function main(
  argv: readonly string[],
  env: Environment,
  streams: Streams,
): Promise<number> {
  const name = argv[0] ?? "--help";
  const rest = argv.slice(1);
  let errorsAreJson = rest.includes("--json");
  try {
    if (ABOUT.includes(name)) {
      streams.write(1, await about(name, rest[0], mayColor(env, streams)));
      return EXIT.done;
    }
    const command = usual(name) ?? (await load(name));
    const isJson = command.output === "json" && !streams.stdoutIsTerminal;
    errorsAreJson ||= isJson && !streams.stderrIsTerminal;
    const args = parseArguments(command, rest);
    if (args.has("help")) {
      streams.write(1, await about("help", name, mayColor(env, streams)));
      return EXIT.done;
    }
    if (command.lasts) Bun.unsafe.setJITPolicy(1);
    await command.run(args, makeIo(env, streams, args.has("json") || isJson));
    return EXIT.done;
  } catch (error) {
    return await reported(error, env, errorsAreJson, (text) => tryWrite(streams, text));
  }
}

/** Tells what went wrong. How to is loaded only here: nothing that goes well should wait for it. */
async function reported(...failure: Parameters<typeof report>): Promise<number> {
  const [error, , , tell] = failure;
  try {
    const { report: tellAll } = await import("./output/report.ts");
    return tellAll(...failure);
  } catch {
    // Out of descriptors, say: then its own words must do.
    tell(`portclaim: ${(error as Error).message}\n`);
    return EXIT.failed;
  }
}

async function about(name: string, topic: string | undefined, color: boolean): Promise<string> {
  const { commandHelp, programHelp, version } = await import("./output/help.ts");
  if (name === "--version" || name === "-V" || name === "version") return `${version}\n`;
  return topic === undefined
    ? await programHelp(color)
    : await commandHelp(await load(topic), color);
}

/** What scripts call all the time is there at once, and waits for no table of all the others. */
function usual(name: string): Command | undefined {
  switch (name) {
    case "acquire":
      return acquireCommand();
    case "release":
      return releaseCommand();
    case "list":
      return listCommand();
    case "find":
      return findCommand();
    default:
      return undefined;
  }
}

async function load(name: string): Promise<Command> {
  const { COMMANDS } = await import("./commands.ts");
  const known = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (known !== undefined) return await known.load();
  const { suggest } = await import("./parse/suggest.ts");
  const near = suggest(name, Object.keys(COMMANDS));
  throw new UsageError(
    `Cannot run ${JSON.stringify(name)}: there is no such command`,
    near ? `did you mean: portclaim ${near}?` : "see: portclaim --help",
  );
}

function tryWrite(streams: Streams, text: string): void {
  try {
    streams.write(2, text);
  } catch {
    // stderr is gone too: the exit code still tells.
  }
}
