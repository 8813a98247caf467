import { type Check, doctor } from "../../registry/maintain/doctor.ts";
import { type Command, SilentError } from "../command.ts";
import { openUnread } from "../context.ts";
import { type Io, printJson } from "../output/io.ts";
import { printable } from "../output/table.ts";
import type { Parsed } from "../parse/argv.ts";

export const doctorCommand: Command = {
  name: "doctor",
  output: "json",
  args: {
    "dry-run": { type: "boolean", description: "Only say what would be done" },
    grace: {
      type: "string",
      description: "Leave unbound ports alone that are younger (default: the config's, 10m)",
      valueHint: "DURATION",
    },
  },
  examples: [
    ["portclaim doctor", "looks at everything, mends what it may"],
    ["portclaim doctor --dry-run", "only looks"],
  ],
  run,
};

async function run(args: Parsed, io: Io): Promise<void> {
  const grace = args.duration("grace");
  const dryRun = args.has("dry-run");
  const checks = await doctor(openUnread(io), {
    dryRun,
    ...(grace !== undefined && { grace }),
  });
  if (io.json) printJson(io, checks);
  else io.print(checks.map((check) => lines(check, io.color, dryRun)).join(""));
  if (checks.some(({ status }) => status === "error")) throw new SilentError();
}

const COLORS: Record<Check["status"], string> = {
  ok: "32",
  fixed: "36",
  warning: "33",
  error: "31",
};

function lines({ status, check, message, hint }: Check, color: boolean, dryRun: boolean): string {
  const word = dryRun && status === "fixed" ? "fixable" : status;
  const padded = word.padEnd(7);
  const shown = color ? `\u001b[${COLORS[status]}m${padded}\u001b[0m` : padded;
  const more = hint === undefined ? "" : `                 ${printable(hint)}\n`;
  return `${shown}  ${check.padEnd(6)}  ${printable(message)}\n${more}`;
}
