import { type ArgsDef, renderUsage } from "citty";
import { version } from "../../package.json";
import type { Command } from "../command.ts";
import { COMMANDS } from "../commands.ts";
import { COMMON } from "../parse/argv.ts";

export { version };

const ABOUT = "Ports for coding agents and people who share a machine";

const MORE = `ENVIRONMENT

  PORTCLAIM_HOME           where the registry is (default: ~/.portclaim)
  PORTCLAIM_AGENT          the agent that asks, if it isn't recognised
  PORTCLAIM_LOCK_TIMEOUT   how long to wait for the lock (default: 5s)
  PORTCLAIM_ALLOW_NETWORK_HOME=1   use a registry on a network file system
  NO_COLOR                 no colours

EXIT CODES

  0 done   1 failed   2 misuse   3 no port to be had   4 nothing found   5 the lock stayed taken
`;

/** The help of one command. */
export async function commandHelp(command: Command, color: boolean): Promise<string> {
  const args = { ...command.args, ...COMMON } as ArgsDef;
  const { name, rest, examples } = command;
  const description = COMMANDS[name]?.summary;
  const usage = await renderUsage({
    meta: { name: `portclaim ${name}`, ...(description && { description }), version },
    args,
  });
  const whole = rest === undefined ? usage : usage.replace("[OPTIONS]", `$& -- ${rest}`);
  return finish([whole, exampleLines(examples)], color);
}

/** What `portclaim --help` prints. */
export async function programHelp(color: boolean): Promise<string> {
  const entries = Object.entries(COMMANDS).map(
    ([name, { summary }]) => [name, { meta: { name, description: summary } }] as const,
  );
  const usage = await renderUsage({
    meta: { name: "portclaim", description: ABOUT, version },
    subCommands: Object.fromEntries(entries),
  });
  const examples = exampleLines([
    ["PORT=$(portclaim acquire --service web --prefer 3000)", "claims a port"],
    ["portclaim run --service web -- next dev --port {port}", "claims one and starts a server"],
    ["portclaim list", "shows who has which"],
  ]);
  return finish([usage, examples, MORE], color);
}

function exampleLines(examples: Command["examples"]): string {
  const lines = examples.map(([line, what]) => `  ${line}\n      ${what}`);
  return `EXAMPLES\n\n${lines.join("\n")}\n`;
}

/** citty pads its lines with spaces, which would only widen what people copy. */
function finish(parts: string[], color: boolean): string {
  const text = parts
    .map((part) => (color ? part : Bun.stripANSI(part)))
    .map((part) => part.replace(/[ \t]+$/gm, "").trimEnd());
  return `${text.join("\n\n")}\n`;
}
