import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Program, programs } from "./programs.ts";
import { Trial } from "./trial.ts";

const CACHE = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "portclaim-e2e/servers",
);
const PACKAGES = ["vite", "next", "react", "react-dom", "nodemon", "pm2", "concurrently"];

/** Tries the programs of these names, or all; prints what was said at each step. */
export async function main(names: string[]): Promise<boolean> {
  installPackages();
  const isChosen = ({ name }: Program) => names.length === 0 || names.includes(name);
  console.log("| program | step | report | correct |");
  console.log("|---|---|---|---|");
  let succeeded = true;
  for (const program of programs.filter(isChosen)) {
    await using trial = new Trial(program, join(CACHE, "node_modules"));
    const version = trial.version();
    if (version === undefined) {
      console.log(`| ${program.name} | not installed | | |`);
      continue;
    }
    let title = `${program.name} ${version}`;
    for await (const { step, said, isRight } of trial.steps()) {
      console.log(
        `| ${title} | ${step} | ${said.replaceAll("|", "\\|")} | ${isRight ? "yes" : "NO"} |`,
      );
      title = "";
      succeeded &&= isRight;
    }
  }
  return succeeded;
}

function installPackages(): void {
  if (existsSync(join(CACHE, "node_modules/.bin/concurrently"))) return;
  mkdirSync(CACHE, { recursive: true });
  const dependencies = Object.fromEntries(PACKAGES.map((name) => [name, "*"]));
  writeFileSync(join(CACHE, "package.json"), JSON.stringify({ private: true, dependencies }));
  const { success, stderr } = Bun.spawnSync(["npm", "install", "--no-audit", "--no-fund"], {
    cwd: CACHE,
  });
  if (!success) throw new Error(`npm install: ${stderr.toString()}`);
}
