import { realpathSync } from "node:fs";
import { delimiter } from "node:path";
import { SetupError } from "./error.ts";
import type { Server } from "./format.ts";

const ARGUMENTS = ["mcp-serve"];

/** For a project's file, which gets committed: without paths or the registry of this machine. */
export const PROJECT_SERVER: Server = { command: "portclaim", args: ARGUMENTS };

/**
 * How an agent starts portclaim from any directory, with the registry of this terminal. Throws a
 * SetupError if portclaim isn't installed.
 */
export function serverOf({ PATH, PORTCLAIM_HOME }: Record<string, string | undefined>): Server {
  const command = installedProgram(PATH ?? "");
  return { command, args: ARGUMENTS, ...(PORTCLAIM_HOME && { env: { PORTCLAIM_HOME } }) };
}

/** npx, bunx and package scripts add directories to PATH that are a project's or temporary. */
const isLasting = (path: string) => !path.includes("/node_modules/");

function installedProgram(path: string): string {
  const PATH = path
    .split(delimiter)
    .filter((directory) => isLasting(`${directory}/`))
    .join(delimiter);
  const named = Bun.which("portclaim", { PATH });
  const program = process.execPath;
  // A name on PATH outlives an update; the file behind it may have the version in its name.
  const isThis = named !== null && realpathSync(named) === realpathSync(program);
  const isInstalledBinary = Bun.main.startsWith("/$bunfs/") && isLasting(program);
  if (isInstalledBinary && !isThis) return program;
  if (named !== null) return named;
  throw new SetupError("not-installed", "portclaim is not installed");
}
