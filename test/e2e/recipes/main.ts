import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Server } from "../frameworks/server.ts";
import { CACHE, environment, install, versionOf } from "./cache.ts";
import { readRecipes, type Recipe } from "./document.ts";
import { type Trial, TRIALS } from "./trials.ts";

const SECONDS = 120;
const REGISTRY = mkdtempSync(join(tmpdir(), "portclaim-e2e-"));

/** Writes a recipe's files, and those of its reader, into a project of its own. */
function makeProject({ title, files }: Recipe, trial: Trial): string {
  const cwd = join(CACHE, "projects", title.toLowerCase().replace(/\W+/g, "-"));
  rmSync(cwd, { recursive: true, force: true });
  // A checkout of its own.
  mkdirSync(join(cwd, ".git"), { recursive: true });
  const all = { "package.json": '{ "private": true }', ...trial.files, ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  return cwd;
}

function commandsOf({ commands, files }: Recipe, { instead }: Trial): string[] {
  const tasks = files[".vscode/tasks.json"];
  if (tasks !== undefined) {
    const { tasks: all } = JSON.parse(tasks) as { tasks: { command: string }[] };
    return all.map(({ command }) => command);
  }
  return instead?.commands ?? commands;
}

/** The state of a service's claim in a directory. */
function stateOf(service: string, cwd: string): string | undefined {
  const command = ["portclaim", "find", service, "--json"];
  const { stdout } = Bun.spawnSync(command, { cwd, env: environment(REGISTRY), stderr: "ignore" });
  return stdout.length > 0 ? (JSON.parse(stdout.toString()) as { state: string }).state : undefined;
}

/** Tries a recipe; returns what went wrong. */
async function tryRecipe(recipe: Recipe, trial: Trial): Promise<string> {
  const cwd = makeProject(recipe, trial);
  const commands = commandsOf(recipe, trial);
  const env = environment(REGISTRY);
  const last = commands.pop() ?? "false";
  for (const command of commands) Bun.spawnSync(["sh", "-c", command], { cwd, env });
  await using server = new Server(["sh", "-c", last], cwd, env);
  const { serves, prints } = trial;
  if (serves === undefined) {
    await server.until(() => server.code !== undefined, SECONDS);
    const isRight = server.code === 0 && prints?.test(Bun.stripANSI(server.output));
    return isRight ? "" : `exit ${server.code}: ${server.output}`;
  }
  const isServed = () => stateOf(serves, cwd) === "listening";
  const serving = await server.until((ports) => ports.length > 0 && isServed(), SECONDS);
  return serving ? "" : `${stateOf(serves, cwd)}: ${server.output}`;
}

/** Tries the recipes with these titles, or all; prints a table. */
export async function main(titles: string[]): Promise<boolean> {
  await install();
  let succeeded = true;
  console.log("| recipe | tried with | |\n|---|---|---|");
  for (const recipe of readRecipes()) {
    const trial = TRIALS[recipe.title];
    if (titles.length > 0 && !titles.includes(recipe.title)) continue;
    const problem = trial ? await tryRecipe(recipe, trial) : "there is no trial for it";
    const version = trial ? `${trial.tool} ${versionOf(trial.tool)}` : "–";
    const note = problem ? "FAILED" : (trial?.instead?.note ?? "");
    console.log(`| ${recipe.title} | ${version} | ${note} |`);
    if (problem) console.log(`    ${problem.trim().slice(-2500).replaceAll("\n", "\n    ")}`);
    succeeded &&= problem === "";
  }
  rmSync(REGISTRY, { recursive: true });
  return succeeded;
}
