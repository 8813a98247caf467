import { parseArguments } from "./argv.ts";
import { type Command, UsageError } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { makeIo, type Streams } from "./io.ts";
import { EXIT, formatReport, reportOf } from "./report.ts";
import { suggest } from "./suggest.ts";

type Environment = Record<string, string | undefined>;

/** Runs one command line; returns its exit code. */
export async function main(
  argv: readonly string[],
  env: Environment,
  streams: Streams,
): Promise<number> {
  const [name = "--help", ...rest] = argv;
  let json = rest.includes("--json");
  let errorsAreJson = json;
  try {
    if (name === "--version" || name === "-V" || name === "version") {
      const { version } = await import("./help.ts");
      streams.write(1, `${version}\n`);
      return EXIT.done;
    }
    const color = streams.stdoutIsTerminal && !env["NO_COLOR"];
    if (name === "--help" || name === "-h" || name === "help") {
      const { commandHelp, programHelp } = await import("./help.ts");
      const topic = rest[0] === undefined ? undefined : await load(rest[0]);
      streams.write(1, topic ? await commandHelp(topic, color) : await programHelp(color));
      return EXIT.done;
    }
    const command = await load(name);
    const isJson = command.output === "json" && !streams.stdoutIsTerminal;
    errorsAreJson ||= isJson && !streams.stderrIsTerminal;
    const args = parseArguments(command, rest);
    if (args.has("help")) {
      const { commandHelp } = await import("./help.ts");
      streams.write(1, await commandHelp(command, color));
      return EXIT.done;
    }
    json = args.has("json") || isJson;
    if (command.lasts) Bun.unsafe.setJITPolicy(1);
    await command.run(args, makeIo(env, streams, json));
    return EXIT.done;
  } catch (error) {
    const report = reportOf(error, env);
    if (!report.silent) tryWrite(streams, formatReport(report, errorsAreJson));
    return report.exit;
  }
}

async function load(name: string): Promise<Command> {
  const known = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (known !== undefined) return await known();
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
