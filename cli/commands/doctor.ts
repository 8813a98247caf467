import type { Config } from "../../registry/config/config.ts";
import { loadConfig } from "../../registry/config/load.ts";
import { type Check, doctor } from "../../registry/maintain/doctor.ts";
import { tryResolveCaller } from "../../registry/owner/caller.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { defineCommand } from "../command.ts";
import { openUnread } from "../context.ts";
import { SilentError } from "../exit.ts";
import { doctorReport } from "../output/doctor-report.ts";
import { type Io, printJson } from "../output/io.ts";

/** What is wrong with the guard, if an agent's hook calls it. */
async function guardChecks(io: Io, { machine, home }: Omit<Registry, "config">): Promise<Check[]> {
  const [{ checkGuard }, { placeOf }] = await Promise.all([
    import("../../setup/check-guard.ts"),
    import("../../setup/place.ts"),
  ]);
  const config: Config | undefined = await loadConfig(machine, home).catch(() => undefined);
  // Root may look at another user's home, which setup refuses to change.
  try {
    return checkGuard(placeOf(io.env), io.cwd(), config);
  } catch {
    return [];
  }
}

export const doctorCommand = defineCommand({
  name: "doctor",
  about: `Checks the config, the checkout's portclaim.toml, the lock, permissions, the file system and the port range. Removes claims whose owners have exited, releases idle claims of either lease, removes files that killed writers left behind, and moves unreadable claim files to quarantine/. Says if the guard is off although an agent's hook asks it. Reports servers that listen on another port than the claimed one, and foreign processes on claimed ports. Fails only if something stays broken.`,
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
    const request = { dryRun, cwd: io.cwd(), ...(grace !== undefined && { grace }) };
    const caller = tryResolveCaller(opened.machine, "doctor");
    const checks = [...(await doctor(opened, request, caller)), ...(await guardChecks(io, opened))];
    if (io.json) printJson(io, checks);
    else io.print(doctorReport(checks, { color: io.color, dryRun }));
    if (checks.some(({ status }) => status === "error")) throw new SilentError();
  },
});
