import { type Check, doctor } from "../../registry/maintain/doctor.ts";
import { tryResolveCaller } from "../../registry/owner/caller.ts";
import { defineCommand } from "../command.ts";
import { openUnread } from "../context.ts";
import { SilentError } from "../exit.ts";
import { printJson } from "../output/io.ts";
import { printable } from "../output/table.ts";

export const doctorCommand = defineCommand({
  name: "doctor",
  about: `Checks the config, the lock, permissions, the file system and the port range. Reaps, releases idle claims of either lease, removes what killed writers left behind, and moves unreadable claim files to quarantine/. Reports servers that listen on another port than the claimed one, and foreign processes on claimed ports. Exits with 1 only if something stays broken.`,
  output: "json",
  options: {
    "dry-run": { type: "flag", summary: "Only print what would be done." },
    grace: {
      type: "duration",
      summary: "Keep claims younger than this (default: from config.toml, 10m).",
      value: "DURATION",
    },
  },
  examples: [
    ["portclaim doctor", "Check everything and fix what can be fixed."],
    ["portclaim doctor --dry-run", "Only check."],
  ],
  async run({ "dry-run": dryRun, grace }, io) {
    const opened = openUnread(io);
    const request = { dryRun, ...(grace !== undefined && { grace }) };
    const checks = await doctor(opened, request, tryResolveCaller(opened.machine, "doctor"));
    if (io.json) printJson(io, checks);
    else io.print(checks.map((check) => lines(check, io.color, dryRun)).join(""));
    if (checks.some(({ status }) => status === "error")) throw new SilentError();
  },
});

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
