import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Project } from "./project.ts";

/** Everything that is installed, outside the repository; delete it to install anew. */
const CACHE = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "portclaim-e2e/frameworks",
);

/** Node and the package managers, as packages of npm. */
const MANAGERS = { node: "22", npm: "11", pnpm: "12", yarn: "1", bun: "1" };

function runIn(cwd: string, env: Record<string, string>, ...command: string[]): void {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, {
    cwd,
    env: { ...env },
    stdin: "ignore",
  });
  if (exitCode === 0) return;
  throw new Error(`${command.join(" ")}: ${`${stdout}${stderr}`.trim().slice(-2000)}`);
}

/** The environment of every command: the installed tools, without telemetry or prompts. */
export function environment(): Record<string, string> {
  const tools = join(CACHE, "managers");
  const env = {
    HOME: join(CACHE, "home"),
    PATH: `${tools}/node_modules/.bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    LANG: "C.UTF-8",
    NO_UPDATE_NOTIFIER: "1",
    NEXT_TELEMETRY_DISABLED: "1",
    ASTRO_TELEMETRY_DISABLED: "1",
    NUXT_TELEMETRY_DISABLED: "1",
    STORYBOOK_DISABLE_TELEMETRY: "1",
    NG_CLI_ANALYTICS: "false",
    WRANGLER_SEND_METRICS: "false",
    EXPO_NO_TELEMETRY: "1",
    CHECKPOINT_DISABLE: "1",
    // pnpm would install anew what npm has installed.
    pnpm_config_verify_deps_before_run: "false",
  };
  if (!existsSync(join(tools, "node_modules/.bin/bun"))) {
    mkdirSync(tools, { recursive: true });
    mkdirSync(env.HOME, { recursive: true });
    writeFileSync(
      join(tools, "package.json"),
      JSON.stringify({ private: true, dependencies: MANAGERS }),
    );
    runIn(tools, ownEnvironment(), "npm", "install", "--no-audit", "--no-fund");
  }
  return env;
}

/** This process's own, in which the registry of npm is set up. */
const ownEnvironment = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );

export interface Installed {
  directory: string;
  /** A second copy of the project. */
  copy: string;
  version: string;
}

/** Installs a project; `undefined` if its programs are Debian's and not there. */
export function install(project: Project): Installed | undefined {
  if (
    project.program &&
    Bun.which(project.program, { PATH: environment()["PATH"] ?? "" }) === null
  ) {
    return undefined;
  }
  // Another user may not look into this one's cache.
  const isOthers = project.user !== undefined;
  const directory = isOthers
    ? join(tmpdir(), `portclaim-e2e-${project.name}`)
    : join(CACHE, project.name);
  const recipe = JSON.stringify(project);
  const stamp = join(CACHE, `.${project.name}.recipe`);
  const copy = `${directory}-2`;
  if (!existsSync(copy) || !existsSync(stamp) || readFileSync(stamp, "utf8") !== recipe) {
    for (const path of [directory, copy]) rmSync(path, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    create(project, directory);
    runIn(CACHE, ownEnvironment(), "cp", isOthers ? "-a" : "-al", directory, copy);
    writeFileSync(stamp, recipe);
  }
  return { directory, copy, version: versionOf(project, directory) };
}

function create(
  { npm, create: scaffold, scripts, files = {}, setup }: Project,
  directory: string,
): void {
  // Scaffolding and setting up need the tools and the registry of npm.
  const env = { ...ownEnvironment(), PATH: `${environment()["PATH"]}`, NG_CLI_ANALYTICS: "false" };
  if (scaffold)
    runIn(
      dirname(directory),
      env,
      ...scaffold.map((word) => word.replace("{directory}", basename(directory))),
    );
  else if (npm) {
    const manifest = { name: "app", private: true, version: "1.0.0", scripts, dependencies: npm };
    writeFileSync(join(directory, "package.json"), JSON.stringify(manifest, null, 2));
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text, { mode: name.endsWith(".py") ? 0o755 : 0o644 });
  }
  if (npm || scaffold)
    runIn(directory, env, "npm", "install", "--no-audit", "--no-fund", "--legacy-peer-deps");
  for (const command of setup ?? []) runIn(directory, env, ...command);
}

function versionOf({ package: name, version }: Project, directory: string): string {
  if (name !== undefined) {
    const manifest = readFileSync(join(directory, "node_modules", name, "package.json"), "utf8");
    return String(JSON.parse(manifest).version);
  }
  const { stdout, stderr } = Bun.spawnSync(version ?? ["true"], { env: environment() });
  return /\d+(\.\d+)+/.exec(`${stdout}${stderr}`)?.[0] ?? "";
}
