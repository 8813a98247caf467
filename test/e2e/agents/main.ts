import { tryPlugin } from "./plugin.ts";
import { type ProgramName, programs } from "./programs.ts";
import { tryAgent } from "./trial.ts";

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
  if (chosen.includes("claude-code")) {
    const problems = await tryPlugin();
    console.log(
      ["", "plugin of Claude Code:", ...(problems.length > 0 ? problems : ["ok"])].join("\n"),
    );
    succeeded &&= problems.length === 0;
  }
  return succeeded;
}
