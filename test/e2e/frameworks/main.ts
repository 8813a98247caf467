import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planCommand } from "../../../frameworks/plan-command.ts";
import { environment, install, type Installed } from "./cache.ts";
import type { Project } from "./project.ts";
import { projects } from "./projects.ts";
import { Server } from "./server.ts";

const SECONDS = 90;
const ENTRY = join(import.meta.dir, "../../../cli/main.ts");
const PORTCLAIM = [process.execPath, "--no-env-file", "--config=/dev/null", ENTRY];
/** A registry for all trials. */
const REGISTRY = mkdtempSync(join(tmpdir(), "portclaim-e2e-"));
let nextPort = 20_100;

/** A port that nothing listens on and that no other trial gets. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = nextPort++;
    const server = await hold(port);
    if (!server) continue;
    await new Promise((done) => server.close(done));
    return port;
  }
}

/** Listens on a port of every address; `undefined` if something else does. */
function hold(port: number) {
  const server = createServer();
  return new Promise<typeof server | undefined>((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen({ port, host: "::" }, () => resolve(server));
  });
}

const environmentOf = ({ env = {} }: Project): Record<string, string> => ({
  ...environment(),
  PORTCLAIM_HOME: REGISTRY,
  ...env,
});

/** Starts a command through `portclaim run`. */
function run(project: Project, command: string, cwd: string, port: number): Server {
  // Another user can't read this project's files.
  if (project.user !== undefined) return startPlanned(project, command, cwd, port);
  const claim = ["run", "web", "--prefer", String(port), "--exact", "--"];
  const argv = [...PORTCLAIM, ...claim, ...command.split(" ")];
  return new Server(argv, cwd, environmentOf(project));
}

/** Starts a command on a port that isn't claimed. */
function startPlanned(project: Project, command: string, cwd: string, port: number): Server {
  const argv = command.split(" ").map((word) => word.replaceAll("{port}", String(port)));
  const plan = planCommand({ argv, cwd, port });
  const env = { ...environmentOf(project), ...plan.env, PORT: String(port) };
  const server = new Server(plan.argv, cwd, env, project.user);
  server.output += `portclaim: added ${plan.added.join(" ")}\n`;
  return server;
}

/** What portclaim reports about the claim on a port. */
function stateOf(port: number): string {
  const env = { ...environment(), PORTCLAIM_HOME: REGISTRY };
  const { stdout } = Bun.spawnSync([...PORTCLAIM, "list"], { env });
  const claims: { port: number; state: string }[] = JSON.parse(`${stdout}`);
  return claims.find((claim) => claim.port === port)?.state ?? "unclaimed";
}

/** The results of a trial; an empty one means no problem. */
interface Trial {
  command: string;
  added: string;
  ports: string;
  problem: string;
}

async function listens(
  project: Project,
  { directory }: Installed,
  command: string,
): Promise<Trial> {
  const port = await freePort();
  await using server = run(project, command, directory, port);
  const isListening = await server.until((ports) => ports.includes(port), SECONDS);
  const [, added = ""] = /^portclaim: added (.+)$/m.exec(server.output) ?? [];
  const state = isListening && project.user === undefined ? stateOf(port) : "listening";
  const others = server.ports().filter((one) => one !== port);
  return {
    command,
    added: added.replaceAll(String(port), "N") || "(PORT)",
    ports: [isListening ? "N" : "", ...others].filter(Boolean).join(" "),
    problem: isListening ? (state === "listening" ? "" : state) : failure(server),
  };
}

function failure(server: Server): string {
  const end = server.code === undefined ? "doesn't listen" : `exit ${server.code}`;
  return `${end}: ${Bun.stripANSI(server.output).trim().slice(-600)}`;
}

/** Two copies of the project at once. */
async function twice(project: Project, { directory, copy }: Installed): Promise<string> {
  const [command = ""] = project.commands;
  const ports = [await freePort(), await freePort()] as const;
  await using first = run(project, command, directory, ports[0]);
  await using second = run(project, command, copy, ports[1]);
  const both = await Promise.all([
    first.until((found) => found.includes(ports[0]), SECONDS),
    second.until((found) => found.includes(ports[1]), SECONDS),
  ]);
  const failed = [first, second].find((_server, i) => !both[i]);
  return failed ? failure(failed) : "yes";
}

/** What the server does if its port is taken after it was claimed. */
async function whenTaken(project: Project, { directory }: Installed): Promise<string> {
  const port = await freePort();
  const holder = await hold(port);
  await using server = startPlanned(project, project.commands[0] ?? "", directory, port);
  const moved = await server.until((ports) => ports.length > 0 && isSettled(server, ports), 15);
  holder?.close();
  if (server.code !== undefined) return `exit ${server.code}`;
  const others = server.ports().join(" ");
  if (!moved || others === "") return "waits";
  return others;
}

const seen = new WeakMap<Server, { ports: string; since: number }>();

/** Whether a server has listened on the same ports for three seconds. */
function isSettled(server: Server, found: number[]): boolean {
  const ports = found.join(" ");
  const last = seen.get(server);
  if (last?.ports === ports) return performance.now() - last.since > 3000;
  seen.set(server, { ports, since: performance.now() });
  return false;
}

/** Tries the projects of these names, or all; prints a table, and says whether all went well. */
export async function main(names: string[]): Promise<boolean> {
  const chosen = projects.filter(({ name }) => names.length === 0 || names.includes(name));
  let succeeded = true;
  console.log("| tool | command | added | listens on | two at once | port taken |");
  console.log("|---|---|---|---|---|---|");
  for (const project of chosen) {
    try {
      succeeded = (await tryProject(project)) && succeeded;
    } catch (error) {
      console.log(`| ${project.name} | ${String(error).replaceAll("\n", " ")} |`);
      succeeded = false;
    }
  }
  rmSync(REGISTRY, { recursive: true });
  return succeeded;
}

async function tryProject(project: Project): Promise<boolean> {
  const installed = install(project);
  if (!installed) {
    console.log(`| ${project.name} | not installed: apt-get install it | | | | |`);
    return true;
  }
  const commands = [...project.commands, ...(project.named ? [project.named] : [])];
  let succeeded = true;
  for (const [i, command] of commands.entries()) {
    const { added, ports, problem } = await listens(project, installed, command);
    const second = i === 0 ? await twice(project, installed) : "";
    const two = second === "" || second === "yes" ? second : "no";
    const taken = i === 0 ? await whenTaken(project, installed) : "";
    const tool = i === 0 ? `${project.name} ${installed.version}` : "";
    console.log(`| ${tool} | \`${command}\` | ${added} | ${ports} | ${two} | ${taken} |`);
    const problems = [problem, two === "no" ? second : ""].filter(Boolean);
    for (const text of problems) console.log(`    ${text.replaceAll("\n", "\n    ")}`);
    succeeded &&= problems.length === 0;
  }
  return succeeded;
}
