import { AgentWorld } from "./agent-world.ts";

/** Claims ports from the sandbox of Codex, which can't write to the registry. Returns the problems. */
export async function trySandbox(): Promise<string[]> {
  await using world = await AgentWorld.open("codex");
  await world.run(["setup", "codex"]);
  const { results, output } = await world.play(
    [
      { sh: "portclaim acquire web" },
      { tool: "portclaim_acquire", input: { service: "api" } },
      { sh: "portclaim find api" },
    ],
    (prompt) => ["exec", "--sandbox", "workspace-write", prompt],
  );
  const expected = [/Codex's sandbox[^]*use the MCP tools/, /\bok\W+true\b/, /^\d+$/m];
  return expected.flatMap((words, i) =>
    words.test(results[i] ?? "") ? [] : [results[i] ?? output],
  );
}
