import { dirname } from "node:path";

/** The project's root directory, so that scripts work from any directory. */
export const root = dirname(import.meta.dir);

/** Runs this same bun, which need not be on PATH; its output goes to ours. */
export function bun(args: string[], cwd = root): boolean {
  const stdio = ["ignore", "inherit", "inherit"] as const;
  return Bun.spawnSync([process.execPath, ...args], { cwd, stdio: [...stdio] }).success;
}
