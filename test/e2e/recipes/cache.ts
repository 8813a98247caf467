import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { packForHost } from "../../../scripts/pack.ts";

/** What is installed once, outside the repository; delete it to install anew. */
export const CACHE = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "portclaim-e2e/recipes",
);

const PACKAGES = {
  "@jdxcode/mise-linux-x64": "2026",
  "@playwright/test": "1",
  "@storybook/html-vite": "latest",
  express: "5",
  jest: "30",
  next: "16",
  node: "22",
  npm: "11",
  react: "19",
  "react-dom": "19",
  "rust-just": "1",
  storybook: "latest",
  vite: "7",
  vitest: "4",
};

function run(command: string[], cwd: string): void {
  const { success, stdout, stderr } = Bun.spawnSync(command, { cwd, stdin: "ignore" });
  if (!success) throw new Error(`${command.join(" ")}: ${`${stdout}${stderr}`.slice(-2000)}`);
}

/** Installs the tools if they aren't there, and portclaim as it is packed now. */
export async function install(): Promise<void> {
  const done = join(CACHE, "installed.json");
  const wanted = JSON.stringify(PACKAGES);
  mkdirSync(join(CACHE, "home"), { recursive: true });
  if (!existsSync(done) || readFileSync(done, "utf8") !== wanted) {
    const manifest = { private: true, dependencies: PACKAGES };
    writeFileSync(join(CACHE, "package.json"), JSON.stringify(manifest));
    run(["npm", "install", "--no-audit", "--no-fund", "--legacy-peer-deps"], CACHE);
    writeFileSync(done, wanted);
  }
  await installPortclaim(join(CACHE, "node_modules"));
}

/** Unpacks both packages where npm would; it would reinstall everything else too. */
async function installPortclaim(modules: string): Promise<void> {
  const packed = join(CACHE, "packed");
  mkdirSync(packed, { recursive: true });
  for (const tarball of await packForHost(packed)) {
    const manifest = Bun.spawnSync(["tar", "-xzOf", tarball, "package/package.json"]).stdout;
    const { name } = JSON.parse(manifest.toString()) as { name: string };
    rmSync(join(modules, name), { recursive: true, force: true });
    mkdirSync(join(modules, name), { recursive: true });
    run(["tar", "-xzf", tarball, "-C", join(modules, name), "--strip-components=1"], CACHE);
  }
  rmSync(packed, { recursive: true });
  run(["ln", "-sf", "../portclaim/npm/portclaim.bin", join(modules, ".bin/portclaim")], CACHE);
  run(["ln", "-sf", "../@jdxcode/mise-linux-x64/bin/mise", join(modules, ".bin/mise")], CACHE);
}

/** The environment of every command. */
export function environment(registry: string): Record<string, string> {
  return {
    HOME: join(CACHE, "home"),
    PATH: `${CACHE}/node_modules/.bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    LANG: "C.UTF-8",
    PORTCLAIM_HOME: registry,
    NEXT_TELEMETRY_DISABLED: "1",
    STORYBOOK_DISABLE_TELEMETRY: "1",
    NO_UPDATE_NOTIFIER: "1",
    MISE_YES: "1",
    MISE_TRUSTED_CONFIG_PATHS: CACHE,
    MISE_OFFLINE: "1",
  };
}

/** The version of a package of the cache, else of a program. */
export function versionOf(tool: string): string {
  const path = join(CACHE, "node_modules", tool, "package.json");
  if (existsSync(path)) return String(JSON.parse(readFileSync(path, "utf8")).version);
  const { stdout } = Bun.spawnSync([tool, "--version"], { env: environment("/nonexistent") });
  return /\d+(\.\d+)+/.exec(stdout.toString())?.[0] ?? "";
}
