import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** What is installed once, outside the repository; delete it to install anew. */
const CACHE = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "portclaim-e2e/packages",
);

/** Package managers, checkers, and the Node that they need. */
const PACKAGES = {
  "@arethetypeswrong/cli": "0.18",
  "@yarnpkg/cli-dist": "4",
  node: "22",
  npm: "11",
  pnpm: "12",
  publint: "0.3",
  yarn: "1",
};

/** Both packages have a program of this name. */
const ELSEWHERE: Record<string, string> = {
  yarn: "yarn/bin/yarn.js",
  berry: "@yarnpkg/cli-dist/bin/yarn.js",
};

export interface Tools {
  /** The path of a program. */
  program(name: string): string;
  /** The installed version of a package. */
  version(name: keyof typeof PACKAGES): string;
}

/** Installs the tools if they aren't there. */
export async function installTools(): Promise<Tools> {
  const modules = join(CACHE, "node_modules");
  const done = join(CACHE, "installed.json");
  const wanted = JSON.stringify(PACKAGES);
  if (!existsSync(done) || (await Bun.file(done).text()) !== wanted) {
    mkdirSync(CACHE, { recursive: true });
    const manifest = { private: true, dependencies: PACKAGES };
    writeFileSync(join(CACHE, "package.json"), JSON.stringify(manifest));
    const command = ["npm", "install", "--no-audit", "--no-fund"];
    const { success, stderr } = Bun.spawnSync(command, { cwd: CACHE });
    if (!success) throw new Error(`the package managers can't be installed: ${stderr.toString()}`);
    writeFileSync(done, wanted);
  }
  return {
    program: (name) => join(modules, ELSEWHERE[name] ?? `.bin/${name}`),
    version: (name) => String(require(join(modules, name, "package.json")).version),
  };
}
