import { tryPlugin } from "./plugin.ts";
import { type ProgramName, programs } from "./programs.ts";
import { trySandbox } from "./sandbox.ts";
import { tryAgent } from "./trial.ts";

/** Trials for a single agent. */
const MORE = [
  { name: "claude-code", what: "plugin of Claude Code", run: tryPlugin },
  { name: "codex", what: "sandbox of Codex", run: trySandbox },
];

const isName = (name: string): name is ProgramName => name in programs;

/** Tries the agents of these names, or all; prints a table, and says whether all went well. */
export async function main(names: string[]): Promise<boolean> {
  const unknown = names.find((name) => !isName(name));
  if (unknown !== undefined) throw new Error(`unknown agent ${unknown}`);
  const chosen = names.length > 0 ? names : Object.keys(programs);
  let succeeded = true;
  console.log(
    "| agent | `mcp list` | owner | agent's name | server | restart | MCP call | project's file | reads | left after it |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|---|");
  for (const name of chosen.filter(isName)) {
    const { problems, ...columns } = await tryAgent(name);
    const cells = Object.values(columns);
    console.log(`| ${cells.map((cell) => cell || "–").join(" | ")} |`);
    for (const problem of problems) console.log(`    ${problem}`);
    succeeded &&= problems.length === 0;
  }
  for (const { what, run } of MORE.filter((one) => chosen.includes(one.name))) {
    const problems = await run();
    console.log(["", `${what}:`, ...(problems.length > 0 ? problems : ["ok"])].join("\n"));
    succeeded &&= problems.length === 0;
  }
  return succeeded;
}
