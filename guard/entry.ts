// startup: this stands in front of every shell command of an agent, so it imports nothing and uses no
// regular expression until a command has a word that may end something.

const WORDS = ["kill", "fuser", "redis-cli", "stop-daemon", "essionStart", "ession_start"];

/** Whether a hook's text has a word of interest. */
export function isOfInterest(text: string): boolean {
  for (let i = 0; i < WORDS.length; i++) if (text.includes(WORDS[i] as string)) return true;
  return text.includes("portclaim") && text.includes("force");
}

/**
 * Answers an agent's hook: reads its JSON on stdin, prints what its protocol says, and returns the exit
 * code. Whatever goes wrong, the command may run.
 */
export async function guard(
  agent: string,
  env: Record<string, string | undefined>,
): Promise<number> {
  try {
    if (env["PORTCLAIM_GUARD"] === "off") return 0;
    const text = await Bun.stdin.text();
    if (!isOfInterest(text)) return 0;
    const { answer } = await import("./hook.ts");
    const { stdout = "", stderr = "", code } = await answer(agent, text, env);
    if (stdout !== "") await Bun.write(Bun.stdout, stdout);
    if (stderr !== "") await Bun.write(Bun.stderr, stderr);
    return code;
  } catch {
    return 0;
  }
}
