import { type ProgramName, programs } from "../agents/programs.ts";
import { tryGuard } from "./trial.ts";

/** Those whose hooks the guard answers, and that a fake model can drive. */
const GUARDED: ProgramName[] = ["claude-code", "codex", "gemini", "qwen", "copilot", "opencode"];

/** Makes real agents try to end others' servers, other agents and themselves; prints the results. */
export async function main(names: string[]): Promise<boolean> {
  const chosen = names.length > 0 ? names : GUARDED;
  const unknown = chosen.find((name) => !GUARDED.some((one) => one === name));
  if (unknown !== undefined) throw new Error(`unknown agent ${unknown}`);
  let succeeded = true;
  console.log("| agent | denied | its own server | the other's server | at the start |");
  console.log("|---|---|---|---|---|");
  for (const name of GUARDED.filter((one) => chosen.includes(one))) {
    const { version, denied, own, others, start, problems } = await tryGuard(name);
    console.log(
      `| ${programs[name].title} ${version} | ${denied} | ${own} | ${others} | ${start} |`,
    );
    for (const problem of problems) console.log(`    ${problem}`);
    succeeded &&= problems.length === 0;
  }
  return succeeded;
}
