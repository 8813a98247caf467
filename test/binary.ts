import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

/** The project's root. */
export const ROOT = resolve(import.meta.dir, "..");

/** The built program. */
export const BINARY = join(ROOT, "dist/portclaim");

const SOURCES = "native registry cli setup mcp ui lib skill scripts package.json".split(" ");
let isFresh = false;

/** Builds the program if it is missing or older than its sources. */
export function buildBinary(): void {
  if (isFresh) return;
  const built = existsSync(BINARY) ? statSync(BINARY).mtimeMs : 0;
  if (SOURCES.some((name) => newest(join(ROOT, name)) > built)) build();
  isFresh = true;
}

function build(): void {
  const { success, stderr } = Bun.spawnSync([process.execPath, "scripts/build.ts"], { cwd: ROOT });
  if (!success) throw new Error(`the build failed: ${stderr.toString()}`);
}

function newest(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const within = readdirSync(path, { recursive: true, encoding: "utf8" });
  return Math.max(...within.map((name) => statSync(join(path, name)).mtimeMs));
}
