import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../harness.ts";

const CACHE = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "portclaim-e2e/project",
);
const MISE = "@jdxcode/mise-linux-x64";

/** Installs mise, and says what to do about the tools that Debian has. */
function install(): void {
  mkdirSync(CACHE, { recursive: true });
  if (!existsSync(join(CACHE, "node_modules", MISE))) {
    writeFileSync(join(CACHE, "package.json"), '{ "private": true }');
    const command = ["npm", "install", "--no-audit", "--no-fund", `${MISE}@2026`];
    const { success } = Bun.spawnSync(command, { cwd: CACHE, stdout: "ignore" });
    if (!success) throw new Error(`${command.join(" ")} failed`);
  }
  for (const name of ["direnv", "docker-compose"]) {
    if (Bun.which(name) === null) throw new Error(`apt-get install ${name}, then run it again`);
  }
}

/** Tries portclaim.toml with direnv, mise and docker compose in real shells. */
export async function main(): Promise<boolean> {
  install();
  const mise = join(CACHE, "node_modules", MISE, "bin/mise");
  for (const command of [
    [mise, "--version"],
    ["direnv", "--version"],
    ["docker-compose", "--version"],
  ]) {
    const { stdout } = Bun.spawnSync(command, { stderr: "ignore" });
    console.log(`${command[0]?.split("/").at(-1)} ${stdout.toString().trim()}`);
  }
  const child = Bun.spawn(
    [process.execPath, "test", "--timeout=120000", "./test/e2e/project/tools.ts"],
    { cwd: ROOT, env: { ...process.env, MISE: mise }, stdio: ["ignore", "inherit", "inherit"] },
  );
  return (await child.exited) === 0;
}
