import { version } from "../../package.json";
import type { Command, Group } from "../command.ts";
import { COMMANDS } from "../commands.ts";
import { commonOptions, type Option, type Options } from "../parse/options.ts";

export { version };

const WIDTH = 80;
const GROUPS: Group[] = ["Claim", "Look", "Servers", "Set up"];

const ENVIRONMENT: [string, string][] = [
  ["PORTCLAIM_HOME", "The registry's directory (default: ~/.portclaim)."],
  ["PORTCLAIM_AGENT", "The name of the agent that claims, if it isn't recognized."],
  ["PORTCLAIM_LOCK_TIMEOUT", "How long to wait for the registry's lock (default: 5s)."],
  ["PORTCLAIM_ALLOW_NETWORK_HOME", "Set to 1 to allow a registry on a network file system."],
  ["PORTCLAIM_HISTORY_SIZE", "Bytes of history before a new file (default: 1048576; 0: none)."],
  ["PORTCLAIM_GUARD", "Set to off to let agents run every command."],
  ["NO_COLOR", "If set, no colors. FORCE_COLOR: colors even if stdout isn't a terminal."],
];

const EXIT_CODES: [string, string][] = [
  ["0", "Done."],
  ["1", "Failed."],
  ["2", "The command line is wrong."],
  ["3", "No free port, or the one that was asked for is in use."],
  ["4", "Nothing found, or several claims match."],
  ["5", "The registry's lock was not released in time."],
  ["126, 127", "run: the command can't be run, or wasn't found."],
];

const EXAMPLES: [string, string][] = [
  ["PORT=$(portclaim acquire web --prefer 3000)", "Claim a port for a script."],
  ["portclaim run web -- next dev", "Claim a port and start a server on it."],
  ["portclaim list", "List what is claimed."],
];

/** What `portclaim --help` prints. */
export function programHelp(color: boolean): string {
  const paint = painter(color);
  const groups = GROUPS.map((group) => {
    const rows = Object.entries(COMMANDS)
      .filter(([, listed]) => listed.group === group)
      .map(([name, { summary }]): [string, string] => [name, `${summary}.`]);
    return section(paint(group), rows);
  });
  return join([
    "Ports for coding agents and people who share a machine.",
    `${paint("Usage")}\n  portclaim <command> [options]`,
    ...groups,
    section(paint("Options"), [
      ["-h, --help", "Show this help, or a command's."],
      ["-V, --version", "Print the version."],
    ]),
    section(paint("Environment"), ENVIRONMENT),
    section(paint("Exit codes"), EXIT_CODES),
    examples(paint, EXAMPLES),
    "Run portclaim <command> --help for more about a command.",
  ]);
}

export function commandHelp(command: Command, color: boolean): string {
  const paint = painter(color);
  const { name, about, options } = command;
  const { summary, aliases } = COMMANDS[name] ?? {};
  return join([
    `${summary}.`,
    ...about.split("\n\n").map((paragraph) => wrap(paragraph, 0)),
    `${paint("Usage")}\n  ${usageOf(command)}`,
    ...(aliases ? [`${paint("Aliases")}\n  ${aliases.join(", ")}`] : []),
    section(paint("Options"), optionRows({ ...options, ...commonOptions(command) })),
    examples(paint, command.examples),
  ]);
}

/** "portclaim acquire <service>… [options]" */
export function usageOf({ name, options, needsWord, rest }: Command): string {
  const plain = Object.entries(options).filter(([, option]) => option.plain);
  const names = plain.map(([each, { value }]) => (value ?? each).toLowerCase()).join("|");
  const more = plain.some(([, { multiple }]) => multiple) ? "…" : "";
  const words = names === "" ? [] : [`${needsWord ? `<${names}>` : `[${names}]`}${more}`];
  return ["portclaim", name, ...words, "[options]", ...(rest ? [`[-- ${rest}]`] : [])].join(" ");
}

/** A row for each option: its flags, and what it does. */
export function optionRows(options: Options): [string, string][] {
  return Object.entries(options)
    .filter(([, { onlyPlain }]) => !onlyPlain)
    .map(([name, option]) => [flagsOf(name, option), option.summary]);
}

function flagsOf(name: string, { short, type, value, choices }: Option): string {
  const shown = type === "flag" ? "" : ` ${value ?? choices?.join("|") ?? "VALUE"}`;
  return `${short ? `-${short}, ` : ""}--${name}${shown}`;
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(28, Math.max(...rows.map(([left]) => left.length)));
  const lines = rows.map(([left, right]) => {
    const text = wrap(right, width + 4);
    if (left.length > width) return `  ${left}\n${" ".repeat(width + 4)}${text}`;
    return `  ${left.padEnd(width)}  ${text}`;
  });
  return `${title}\n${lines.join("\n")}`;
}

function examples(
  paint: (text: string) => string,
  rows: readonly (readonly [line: string, what: string])[],
): string {
  const lines = rows.map(([line, what]) => `  # ${what}\n  $ ${line}`);
  return `${paint("Examples")}\n${lines.join("\n\n")}`;
}

/** Breaks a text at 80 columns; all lines but the first are indented. */
function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${" ".repeat(indent)}`);
}

const painter = (color: boolean) => (text: string) => (color ? `\u001b[1m${text}\u001b[0m` : text);

const join = (parts: string[]) => `${parts.join("\n\n")}\n`;
