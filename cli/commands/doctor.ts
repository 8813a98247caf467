import { doctor } from "../../registry/maintain/doctor.ts";
import { tryResolveCaller } from "../../registry/owner/caller.ts";
import { defineCommand } from "../command.ts";
import { openUnread } from "../context.ts";
import { SilentError } from "../exit.ts";
import { doctorReport } from "../output/doctor-report.ts";
import { printJson } from "../output/io.ts";

export const doctorCommand = defineCommand({
  name: "doctor",
  about: `Checks the config, the lock, permissions, the file system and the port range. Removes claims whose owners have exited, releases idle claims of either lease, removes files that killed writers left behind, and moves unreadable claim files to quarantine/. Reports servers that listen on another port than the claimed one, and foreign processes on claimed ports. Fails only if something stays broken.`,
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
    else io.print(doctorReport(checks, { color: io.color, dryRun }));
    if (checks.some(({ status }) => status === "error")) throw new SilentError();
  },
});
