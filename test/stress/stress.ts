import { appendFileSync, readdirSync } from "node:fs";
import { lockHolder } from "../../native/linux/lock-holder.ts";
import { acquire } from "../../registry/allocate/acquire.ts";
import { doctor } from "../../registry/maintain/doctor.ts";
import type { ClaimView } from "../../registry/model/claim.ts";
import { callerFor } from "../../registry/owner/caller.ts";
import { listClaims } from "../../registry/query/list.ts";
import { readHistory } from "../../registry/store/history.ts";
import { openRegistry, type Registry } from "../../registry/store/registry.ts";
import { program, ROOT, World } from "../harness.ts";
import { installPackage } from "../npm-package.ts";
import { WAYS } from "./client.ts";
import { Disturbances } from "./disturbances.ts";
import { evaluate } from "./evaluate.ts";
import { checkHistory } from "./history.ts";
import { readJournal } from "./journal.ts";
import { Random } from "./random.ts";
import type { WorkerOptions } from "./worker-options.ts";

export interface Plan {
  seed: number;
  workers: number;
  /** Of each worker. */
  operations: number;
  /** The share of operations that are killed; a tenth unless given. */
  deaths?: number;
}

const PORTS = 300;
const WORKER = `${ROOT}/test/stress/worker.ts`;

/** Lets workers loose on one registry, and returns what they did and what must not have been. */
export async function stress({ seed, workers, operations, deaths = 0.1 }: Plan) {
  // A holder of the lock that is stopped is no reason to give up.
  await using world = new World(
    { PORTCLAIM_LOCK_TIMEOUT: "10m", PORTCLAIM_HISTORY_SIZE: String(2 ** 50) },
    PORTS,
  );
  const { first, last } = world.ports;
  const range = { first, last };
  // No claim becomes idle meanwhile.
  appendFileSync(`${world.home}/config.toml`, '[reap]\ngrace = "1d"\n');
  await installPackage(world.path("."));
  const modules = world.path("node_modules");
  const random = new Random(seed);
  const options = Array.from({ length: workers }, (_, i): WorkerOptions => {
    const name = `worker-${i}`;
    const paths = { journal: world.path(name), claims: `${world.home}/claims` };
    // Each way in once, then whichever is drawn.
    const client = WAYS[i] ?? random.pick(WAYS) ?? "cli";
    return { name, client, modules, seed: seed + i, operations, deaths, range, ...paths };
  });
  const running = Promise.all(options.map((each) => start(world, each)));
  const registry = await openRegistry({ environment: world.env });
  const disturbances = world.path("disturbances");
  await new Disturbances(registry.home, range, seed, disturbances).until(running);
  const entries = [...options.map(({ journal }) => journal), disturbances].flatMap(readJournal);
  const figures = evaluate(entries);
  const codes = (await running).filter((code) => code !== 0);
  const failed = codes.map((code) => `a worker ended with ${code}`);
  const left = await lookAtTheEnd(registry, world.cwd);
  const claims = listClaims(registry).claims;
  const told = checkHistory(readHistory(registry), entries, claims);
  const violations = [...figures.violations, ...failed, ...left, ...told.violations];
  return { ...figures, lines: told.lines, violations };
}

function start(world: World, options: WorkerOptions): Promise<number> {
  const output = { stdout: "inherit", stderr: "inherit" } as object;
  return world.spawn([...program(WORKER), JSON.stringify(options)], output).exited;
}

/** What is wrong with the registry once all is quiet and one more acquire was made. */
async function lookAtTheEnd(registry: Registry, cwd: string): Promise<string[]> {
  const { machine, home } = registry;
  const found: string[] = [];
  const holder = lockHolder(home.lock);
  if (holder !== undefined) found.push(`the lock is still held by ${holder}`);
  const isOver = ({ state }: ClaimView) => state === "dead" || state === "orphaned";
  const look = async () => {
    await acquire(registry, { services: ["last"], cwd }, callerFor(machine, machine.pid));
    return listClaims(registry);
  };
  let seen = await look();
  // A claim may have become dead between the two: its owner's server was awaited until then.
  if (seen.claims.some(isOver)) seen = await look();
  const { claims, unreadable } = seen;
  for (const { port, problem } of unreadable) found.push(`${port} is broken: ${problem}`);
  for (const { port, service, state } of claims.filter(isOver)) {
    found.push(`${port} (${service}) is ${state}`);
  }
  await doctor(registry);
  const names = readdirSync(home.path, { recursive: true }) as string[];
  for (const name of names) if (name.endsWith(".tmp")) found.push(`${name} was left behind`);
  return found;
}
