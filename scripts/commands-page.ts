import type { Command, Group, Listed } from "../cli/command.ts";
import { COMMANDS } from "../cli/commands.ts";
import { optionRows, usageOf } from "../cli/output/help.ts";

const INTRO = `# Commands

<!-- Written by \`bun run docs\` from the table of commands. -->

Every command has \`--help\`, and \`--json\` for JSON output. Where stdout isn't a terminal, output is JSON anyway
(\`--text\` prevents it), except for commands whose plain output is meant for scripts: \`acquire\`, \`find\`, \`url\`,
\`run\`, \`env\`, \`completions\`. Errors go to stderr, as text, or as \`{"error":{"code","message","hint"}}\` where the output is JSON.

Durations are written \`500ms\`, \`30s\`, \`10m\`, \`1h30m\`, \`2d\`. A service is given as a plain word or with
\`--service\`.

Exit codes: 0 done · 1 failed · 2 the command line is wrong · 3 no free port, or the one that was asked for is in use ·
4 nothing found, or several claims match · 5 the registry's lock was not released in time · 126, 127 \`run\`: the command
can't be run, or wasn't found.
`;

const escape = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

/** The text of docs/commands.md. */
export async function commandsPage(): Promise<string> {
  const groups = new Map<Group, string[]>();
  for (const listed of Object.values(COMMANDS)) {
    const sections = groups.get(listed.group) ?? [];
    groups.set(listed.group, [...sections, sectionOf(await listed.load(), listed)]);
  }
  const parts = [...groups].map(([group, sections]) => `## ${group}\n\n${sections.join("\n")}`);
  return [INTRO, ...parts].join("\n");
}

function sectionOf(command: Command, { summary, aliases = [] }: Listed): string {
  const { name, about, options, examples } = command;
  const rows = optionRows(options).map(
    ([flags, text]) => `| \`${escape(flags)}\` | ${escape(text)} |`,
  );
  const table = rows.length === 0 ? [] : ["| option | |", "|---|---|", ...rows, ""];
  const alias = aliases.length > 0 ? ` (aliases: ${aliases.join(", ")})` : "";
  const lines = examples.map(([line, what]) => `# ${what}\n${line}`).join("\n");
  return [
    `### \`portclaim ${name}\``,
    "",
    `${summary}. \`${usageOf(command)}\`${alias}`,
    "",
    about,
    "",
    ...table,
    "```sh",
    lines,
    "```",
    "",
  ].join("\n");
}
