import { parseSimpleCommand } from "../../frameworks/simple-command.ts";

/** What a shell would expand. */
const EXPANSIONS = /[$*?~[\]]/;

/** The words of a command line in portclaim.toml: split, or given to `sh -c` if it needs a shell. */
export function commandWords(line: string): string[] {
  const command = EXPANSIONS.test(line) ? undefined : parseSimpleCommand(line);
  return command && command.assignments.length === 0 ? command.words : ["sh", "-c", line];
}
