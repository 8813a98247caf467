import { realpathSync } from "node:fs";
import type { Server } from "./format.ts";

const ARGUMENTS = ["mcp-serve"];

/** Whether this is the built binary, not bun with a script. */
const isBinary = () => Bun.main.startsWith("/$bunfs/");

/** How an agent starts this very portclaim from any directory, on the registry of this terminal. */
export function serverOf({ PATH, PORTCLAIM_HOME }: Record<string, string | undefined>): Server {
  const env = PORTCLAIM_HOME ? { env: { PORTCLAIM_HOME } } : {};
  if (!isBinary()) return { command: "bunx", args: ["portclaim", ...ARGUMENTS], ...env };
  // The name on PATH outlives an update, where the file behind it may bear a version.
  const known = Bun.which("portclaim", { PATH: PATH ?? "" });
  const isThis = known !== null && realpathSync(known) === realpathSync(process.execPath);
  return { command: isThis ? known : process.execPath, args: ARGUMENTS, ...env };
}
