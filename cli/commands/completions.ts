import { type Command, UsageError } from "../command.ts";
import {
  type Candidate,
  candidates,
  type Commands,
  type Question,
} from "../completions/candidates.ts";
import { liveValues } from "../completions/live.ts";
import bash from "../completions/portclaim.bash" with { type: "text" };
import fish from "../completions/portclaim.fish" with { type: "text" };
import zsh from "../completions/portclaim.zsh" with { type: "text" };
import { type Io, printJson } from "../output/io.ts";
import { printable } from "../output/table.ts";
import type { Parsed } from "../parse/argv.ts";

const SCRIPTS: Record<string, string> = { bash, zsh, fish };

/** The command that completes all the others; it is handed them, so that no imports go round. */
export const completionsCommand = (commands: Commands): Command => ({
  name: "completions",
  output: "bare",
  args: {
    shell: {
      type: "positional",
      description: "bash, zsh or fish",
      valueHint: "SHELL",
      options: Object.keys(SCRIPTS),
      required: false,
    },
  },
  rest: "WORD…",
  examples: [
    ['eval "$(portclaim completions bash)"', "in ~/.bashrc; zsh: the same in ~/.zshrc"],
    ["portclaim completions fish > ~/.config/fish/completions/portclaim.fish", "once"],
    ["portclaim completions -- release --ser", "what the scripts ask: the line up to the cursor"],
  ],
  run: (args, io) => run(args, io, commands),
});

async function run(args: Parsed, io: Io, commands: Commands): Promise<void> {
  if (args.rest !== undefined) {
    const values = (question: Question) => liveValues(io, question);
    return printCandidates(await candidates(args.rest, { commands, values }), io);
  }
  const shell = args.text("shell");
  const script = SCRIPTS[shell ?? ""];
  if (script === undefined) {
    const what =
      shell === undefined ? "no shell is named" : `${JSON.stringify(shell)} is not known`;
    throw new UsageError(
      `Cannot print completions: ${what}`,
      `type: portclaim completions ${Object.keys(SCRIPTS).join("|")}`,
    );
  }
  if (io.json) printJson(io, { shell, script });
  else io.print(script);
}

/** A line each, with its description after a tab; what no line can show is left out. */
function printCandidates(found: readonly Candidate[], io: Io): void {
  const typeable = found.filter(({ value }) => printable(value) === value);
  if (io.json) return printJson(io, typeable);
  const lines = typeable.map(({ value, description }) =>
    description === "" ? `${value}\n` : `${value}\t${printable(description)}\n`,
  );
  io.print(lines.join(""));
}
