import type { Command } from "./command.ts";
import { COMMANDS, nameOf } from "./commands.ts";
import { EXIT } from "./exit.ts";
import { hasColor, makeIo, standardStreams, type Streams } from "./output/io.ts";
import type { report } from "./output/report.ts";
import { parseArguments } from "./parse/argv.ts";

export { EXIT, standardStreams };

type Environment = Record<string, string | undefined>;

/** Words that ask for the program's help or version. */
const ABOUT = ["--help", "-h", "help", "--version", "-V", "version"];

/** Runs one command line; returns its exit code. */
export async function main(
  argv: readonly string[],
  env: Environment,
  streams: Streams,
): Promise<number> {
  const name = argv[0] ?? "--help";
  const rest = argv.slice(1);
  let errorsAreJson = asksJson(rest);
  try {
    if (ABOUT.includes(name)) {
      streams.write(1, await about(name, rest[0], hasColor(env, streams)));
      return EXIT.done;
    }
    const command = await load(name, rest);
    const isJson = command.output === "json" && !streams.stdoutIsTerminal && !asksText(rest);
    errorsAreJson ||= isJson && !streams.stderrIsTerminal;
    const { values, rest: words } = parseArguments(command, rest);
    if (values["help"] === true) {
      streams.write(1, await about("help", name, hasColor(env, streams)));
      return EXIT.done;
    }
    if (command.lasts) Bun.unsafe.setJITPolicy(1);
    const asked = values["json"] === true;
    await command.run(values as never, makeIo(env, streams, asked, asked || isJson), words);
    return EXIT.done;
  } catch (error) {
    return await reported(error, env, errorsAreJson, (text) => tryWrite(streams, text));
  }
}

// What follows `--` belongs to another program.
const own = (words: readonly string[]) =>
  words.includes("--") ? words.slice(0, words.indexOf("--")) : words;
const asksJson = (words: readonly string[]) => own(words).includes("--json");
const asksText = (words: readonly string[]) => own(words).includes("--text");

/** Reports an error. startup: the code for that is loaded only here, since success never needs it. */
async function reported(...failure: Parameters<typeof report>): Promise<number> {
  const [error, , , tell] = failure;
  try {
    const { report: tellAll } = await import("./output/report.ts");
    return tellAll(...failure);
  } catch {
    // Out of descriptors, for example: the error's own message must do.
    tell(`portclaim: ${(error as Error).message}\n`);
    return EXIT.failed;
  }
}

async function about(name: string, topic: string | undefined, color: boolean): Promise<string> {
  const { commandHelp, programHelp, version } = await import("./output/help.ts");
  if (name === "--version" || name === "-V" || name === "version") return `${version}\n`;
  return topic === undefined ? programHelp(color) : commandHelp(await load(topic), color);
}

/** The command that a word names; `rest` are the words behind it. */
async function load(word: string, rest: readonly string[] = []): Promise<Command> {
  const listed = COMMANDS[nameOf(word) ?? ""];
  if (listed) return await listed.load();
  const { unknownCommand } = await import("./parse/unknown-command.ts");
  throw unknownCommand(word, rest, Object.keys(COMMANDS));
}

function tryWrite(streams: Streams, text: string): void {
  try {
    streams.write(2, text);
  } catch {
    // stderr is closed too; the exit code is all that's left.
  }
}
