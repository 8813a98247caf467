import { cpSync, existsSync, mkdtempSync, renameSync, rmSync, utimesSync } from "node:fs";
import { bun, root } from "./root.ts";

const modules = `${root}/node_modules`;

// Concurrent `bun install`s corrupt each other's files, and several agents may start on a fresh clone at
// once: each installs into a directory of its own, and the first to finish moves it into place.
function installAside(flags: string[]): boolean {
  const aside = mkdtempSync(`${root}/.install-`);
  try {
    for (const file of ["package.json", "bun.lockb", "bunfig.toml"]) {
      cpSync(`${root}/${file}`, `${aside}/${file}`);
    }
    if (!bun(["install", "--frozen-lockfile", ...flags], aside)) return false;
    renameSync(`${aside}/node_modules`, modules);
    return true;
  } catch (error) {
    if (existsSync(modules)) return install(flags);
    throw error;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Installs the packages of bun.lockb; fast if they are installed already. */
export function install(flags: string[] = []): boolean {
  if (!existsSync(modules)) return installAside(flags);
  if (!bun(["install", "--frozen-lockfile", ...flags])) return false;
  // `bun run portclaim` reinstalls packages that are older than the lockfile.
  utimesSync(modules, new Date(), new Date());
  return true;
}

if (import.meta.main) process.exit(install(process.argv.slice(2)) ? 0 : 1);
