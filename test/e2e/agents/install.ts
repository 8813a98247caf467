import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type ProgramName, programs } from "./programs.ts";

/** Everything that is installed, outside the repository; delete it to install the newest again. */
export const CACHE = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "portclaim-e2e/agents",
);

export interface InstalledProgram {
  /** The path of its executable. */
  path: string;
  version: string;
}

/** Installs an agent from npm, unless the cache has it. */
export function installAgent(name: ProgramName): InstalledProgram {
  const { npm, executable } = programs[name];
  // npm picks the newest version for the Node that it runs on.
  const directory = installPackage(name, npm, `${nodeDirectory()}:${ownPath()}`);
  const manifest = readFileSync(join(directory, "node_modules", npm, "package.json"), "utf8");
  return {
    path: join(directory, "node_modules/.bin", executable),
    version: String(JSON.parse(manifest).version),
  };
}

/** The directory of a Node that is new enough for all of them. */
export const nodeDirectory = (): string =>
  join(installPackage("node", "node@22", ownPath()), "node_modules/.bin");

const ownPath = () => process.env["PATH"] ?? "";

function installPackage(name: string, specifier: string, PATH: string): string {
  const directory = join(CACHE, name);
  const stamp = join(directory, ".installed");
  if (existsSync(stamp)) return directory;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "package.json"), '{"private":true}');
  const command = ["npm", "install", "--no-audit", "--no-fund", specifier];
  const { success, stdout, stderr } = Bun.spawnSync(command, {
    cwd: directory,
    env: { ...process.env, PATH },
    stdin: "ignore",
  });
  if (!success) throw new Error(`${command.join(" ")}: ${`${stdout}${stderr}`.trim()}`);
  writeFileSync(stamp, "");
  return directory;
}
