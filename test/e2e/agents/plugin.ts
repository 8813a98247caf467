import { ROOT } from "../../binary.ts";
import { AgentWorld } from "./agent-world.ts";

/** Validates and installs the plugin of Claude Code, and uses its server. Returns the problems. */
export async function tryPlugin(): Promise<string[]> {
  await using world = await AgentWorld.open("claude-code");
  const commands = [
    ["validate", "--strict", `${ROOT}/contrib/claude-plugin`],
    ["validate", "--strict", ROOT],
    ["marketplace", "add", ROOT],
    ["install", "portclaim@portclaim"],
  ];
  const problems: string[] = [];
  for (const args of commands) {
    const { code, output } = await world.agent(["plugin", ...args]);
    if (code !== 0) problems.push(`claude plugin ${args.join(" ")}: ${output}`);
  }
  const { results, requests, output } = await world.play([
    { tool: "portclaim_acquire", input: { service: "api" } },
  ]);
  if (!results[0]?.includes('"ok":true')) problems.push(`the tool: ${results[0] ?? output}`);
  if (!requests[0]?.includes("portclaim:portclaim")) problems.push("the skill isn't offered");
  return problems;
}
