import { realpathSync } from "node:fs";
import type { Server } from "./format.ts";

const ARGUMENTS = ["mcp-serve"];

/** For a project's file, which gets committed: without paths or the registry of this machine. */
export const PROJECT_SERVER: Server = { command: "portclaim", args: ARGUMENTS };

/** How an agent starts portclaim from any directory, with the registry of this terminal. */
export function serverOf({ PATH, PORTCLAIM_HOME }: Record<string, string | undefined>): Server {
  const env = PORTCLAIM_HOME ? { env: { PORTCLAIM_HOME } } : {};
  // A name on PATH outlives an update; the file behind it may have the version in its name.
  const installed = Bun.which("portclaim", { PATH: PATH ?? "" });
  if (!Bun.main.startsWith("/$bunfs/")) {
    // bunx and package scripts add a temporary directory to PATH.
    const isLasting = installed !== null && !installed.includes("/node_modules/");
    if (isLasting) return { command: installed, args: ARGUMENTS, ...env };
    return { command: "bunx", args: ["portclaim", ...ARGUMENTS], ...env };
  }
  const isThis = installed !== null && realpathSync(installed) === realpathSync(process.execPath);
  return { command: isThis ? installed : process.execPath, args: ARGUMENTS, ...env };
}
