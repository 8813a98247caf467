import { cpSync, existsSync, mkdtempSync, renameSync, rmSync, utimesSync } from "node:fs";
import { bun, root } from "./root.ts";

const modules = `${root}/node_modules`;

// Several agents may start on a fresh clone at once, and bun installs that run at the same time
// tear each other's files apart: each installs aside, and the first to finish is everybody's.
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

/** Puts the packages of bun.lockb into node_modules; quick when they are there. */
export function install(flags: string[] = []): boolean {
  if (!existsSync(modules)) return installAside(flags);
  if (!bun(["install", "--frozen-lockfile", ...flags])) return false;
  // `bun run portclaim` takes packages older than the lockfile for outdated.
  utimesSync(modules, new Date(), new Date());
  return true;
}

if (import.meta.main) process.exit(install(["--production"]) ? 0 : 1);
