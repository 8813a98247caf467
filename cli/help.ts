import { type ArgsDef, renderUsage } from "citty";
import { version } from "../package.json";
import { COMMON } from "./argv.ts";
import type { Command } from "./command.ts";
import { COMMANDS } from "./commands.ts";

const ABOUT = "Ports for coding agents and people who share a machine";

/** The help of one command. */
export async function commandHelp(command: Command, color: boolean): Promise<string> {
  const args = { ...command.args, ...COMMON } as ArgsDef;
  const usage = await renderUsage({
    meta: { name: `portclaim ${command.name}`, description: command.description, version },
    args,
  });
  return plain(`${usage}\n${exampleLines(command.examples)}`, color);
}

/** What `portclaim --help` prints. */
export async function programHelp(color: boolean): Promise<string> {
  const entries = await Promise.all(
    Object.entries(COMMANDS).map(async ([name, load]) => {
      const { description } = await load();
      return [name, { meta: { name, description } }] as const;
    }),
  );
  const usage = await renderUsage({
    meta: { name: "portclaim", description: ABOUT, version },
    subCommands: Object.fromEntries(entries),
  });
  const examples = [
    ["PORT=$(portclaim acquire --service web --prefer 3000)", "claims a port"],
    ["portclaim list", "shows who has which"],
  ] as const;
  return plain(`${usage}\n${exampleLines(examples)}`, color);
}

export { version };

function exampleLines(examples: Command["examples"]): string {
  const lines = examples.map(([line, what]) => `  ${line}\n      ${what}`);
  return `\nEXAMPLES\n\n${lines.join("\n")}\n`;
}

function plain(text: string, color: boolean): string {
  return color ? text : Bun.stripANSI(text);
}
