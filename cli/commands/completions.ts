import { defineCommand } from "../command.ts";
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
import { UsageError } from "../exit.ts";
import { type Io, printJson } from "../output/io.ts";
import { printable } from "../output/printable.ts";

const SCRIPTS: Record<string, string> = { bash, zsh, fish };

/** The command that completes all others. They are passed to it to avoid a circular import. */
export const completionsCommand = (commands: Commands) =>
  defineCommand({
    name: "completions",
    about: `Completes commands, flags, values, and the services, projects and ports of live claims, in bash, zsh and fish.`,
    output: "bare",
    options: {
      shell: {
        type: "text",
        summary: "bash, zsh or fish.",
        value: Object.keys(SCRIPTS).join("|"),
        choices: Object.keys(SCRIPTS),
        plain: true,
        onlyPlain: true,
      },
    },
    rest: "WORD…",
    examples: [
      [
        'eval "$(portclaim completions bash)"',
        "Add this line to ~/.bashrc, or with zsh instead of bash to ~/.zshrc.",
      ],
      [
        "portclaim completions fish | source",
        "For fish, add this line to ~/.config/fish/config.fish.",
      ],
      ["portclaim completions -- release --ser", "Complete a command line, as the scripts do."],
    ],
    async run({ shell }, io, rest) {
      if (rest !== undefined) {
        const values = (question: Question) => liveValues(io, question);
        return printCandidates(await candidates(rest, { commands, values }), io);
      }
      const script = SCRIPTS[shell ?? ""];
      if (script === undefined) {
        const what =
          shell === undefined ? "missing shell" : `unknown shell ${JSON.stringify(shell)}`;
        throw new UsageError(what, `run: portclaim completions ${Object.keys(SCRIPTS).join("|")}`);
      }
      if (io.json) printJson(io, { shell, script });
      else io.print(script);
    },
  });

/** Prints one candidate per line, with its description after a tab. Skips those that can't be typed. */
function printCandidates(found: readonly Candidate[], io: Io): void {
  const typeable = found.filter(({ value }) => printable(value) === value);
  if (io.json) return printJson(io, typeable);
  const lines = typeable.map(({ value, description }) =>
    description === "" ? `${value}\n` : `${value}\t${printable(description)}\n`,
  );
  io.print(lines.join(""));
}
