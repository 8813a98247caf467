import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { lockHolder } from "../../native/linux/lock-holder.ts";
import { acquire } from "../../registry/allocate/acquire.ts";
import { doctor } from "../../registry/maintain/doctor.ts";
import { callerFor } from "../../registry/owner/caller.ts";
import { listClaims } from "../../registry/query/list.ts";
import { openRegistry, type Registry } from "../../registry/store/registry.ts";
import { ROOT, World } from "../harness.ts";
import type { Face } from "./client.ts";
import { Weather } from "./disturbances.ts";
import { readJournal } from "./journal.ts";
import { type Figures, judge } from "./judge.ts";
import { Random } from "./random.ts";
import type { Orders } from "./worker-options.ts";

export interface Plan {
  seed: number;
  workers: number;
  /** Of each worker. */
  operations: number;
  /** Portclaim, as arguments to spawn. */
  command: readonly string[];
}

/** What the workers use, in turn. */
const FACES: readonly Face["name"][] = ["cli", "library", "mcp", "cli"];
const PORTS = 300;
const WORKER = `${ROOT}/test/storm/worker.ts`;

/** Lets workers loose on one registry, and returns what they did and what must not have been. */
export async function storm({ seed, workers, operations, command }: Plan): Promise<Figures> {
  // A holder of the lock that is stopped is no reason to give up.
  await using world = new World({ PORTCLAIM_LOCK_TIMEOUT: "10m" });
  const first = 11_000 + new Random(seed).below(18_000);
  const range = { first, last: first + PORTS - 1 };
  configure(world, range);
  const orders = Array.from({ length: workers }, (_, i): Orders => {
    const name = `storm-${i}`;
    const paths = { journal: world.path(name), claims: `${world.home}/claims` };
    const face = FACES[i % FACES.length] ?? "cli";
    return { name, face, seed: seed + i, operations, command: [...command], range, ...paths };
  });
  const running = Promise.all(orders.map((each) => start(world, each)));
  const registry = await openRegistry({ environment: { PORTCLAIM_HOME: world.home } });
  const weather = world.path("weather");
  await new Weather(registry.home, range, seed, weather).until(running);
  const figures = judge([...orders.map(({ journal }) => journal), weather].flatMap(readJournal));
  const codes = (await running).filter((code) => code !== 0);
  const failed = codes.map((code) => `a worker ended with ${code}`);
  const left = await lookAtTheEnd(registry, world.cwd);
  return { ...figures, violations: [...figures.violations, ...failed, ...left] };
}

/** A pool of its own, in which no claim grows idle meanwhile. */
function configure({ home }: World, { first, last }: { first: number; last: number }): void {
  mkdirSync(home, { mode: 0o700 });
  const text = `[pool]\nrange = "${first}-${last}"\n[reap]\ngrace = "1d"\n`;
  writeFileSync(`${home}/config.toml`, text);
}

function start(world: World, orders: Orders): Promise<number> {
  const bun = [process.execPath, "--no-env-file", "--config=/dev/null"];
  const output = { stdout: "inherit", stderr: "inherit" } as object;
  return world.spawn([...bun, WORKER, JSON.stringify(orders)], output).exited;
}

/** What is wrong with the registry once all is quiet and one more acquire was made. */
async function lookAtTheEnd(registry: Registry, cwd: string): Promise<string[]> {
  const { machine, home } = registry;
  const found: string[] = [];
  const holder = lockHolder(home.lock);
  if (holder !== undefined) found.push(`the lock is still held by ${holder}`);
  await acquire(registry, { services: ["last"], cwd }, callerFor(machine, machine.pid));
  const { claims, unreadable } = listClaims(registry);
  for (const { port, problem } of unreadable) found.push(`${port} is broken: ${problem}`);
  for (const { port, service, state } of claims) {
    if (state === "dead" || state === "orphaned") found.push(`${port} (${service}) is ${state}`);
  }
  await doctor(registry);
  const names = readdirSync(home.path, { recursive: true }) as string[];
  for (const name of names) if (name.endsWith(".tmp")) found.push(`${name} was left behind`);
  return found;
}
