import { Random } from "../random.ts";
import { startAgent } from "./agents.ts";
import { acquire, release, start } from "./claiming.ts";
import { crashServer, killCall, killStop, stopOwn, stopPort, stopService } from "./ending.ts";
import { guard, guardAll } from "./guarding.ts";
import type { Ledger } from "./ledger.ts";
import { find, list, wait, who } from "./looking.ts";
import { type Operation, ownServers, type Scene } from "./scene.ts";
import type { Town } from "./town.ts";

/** What an agent does, and how often. */
const OPERATIONS: [name: string, weight: number, operation: Operation][] = [
  ["acquire", 14, acquire],
  ["start", 22, start],
  ["release", 4, release],
  ["find", 8, find],
  ["list", 4, list],
  ["who", 4, who],
  ["wait", 4, wait],
  ["stop its own", 6, stopOwn],
  ["stop a service", 5, stopService],
  ["stop a port", 4, stopPort],
  ["crash a server", 4, crashServer],
  ["killed call", 4, killCall],
  ["killed stop", 2, killStop],
  ["guard", 16, guard],
  ["guard pkill of all", 2, guardAll],
];
const TOTAL = OPERATIONS.reduce((sum, [, weight]) => sum + weight, 0);
const MOST = 14;
/** What an agent may have begun when it is killed, and for how many milliseconds at most. */
const LAST_CALLS = [[], ["acquire", "web"], ["acquire", "web", "api"], ["list", "--json"]];
const LONGEST_CALL = 40;

/** One agent's day, from its start to its end. `seed` draws all that it does. */
export async function spendDay(town: Town, ledger: Ledger, seed: number): Promise<void> {
  const random = new Random(seed);
  const desk = await startAgent(town, random, (line) => ledger.note(line));
  let isSkipped = false;
  const skip = () => void (isSkipped = true);
  const scene: Scene = { ...desk, town, ledger, random, skip };
  const { worker, calls, agent } = scene;
  for (let left = 4 + random.below(MOST - 4); left > 0; left--) {
    const [name, , operation] = draw(random);
    const where = `seed ${seed}, ${worker.name} in ${worker.place.cwd}, ${name}`;
    await ledger.during(where, async () => {
      isSkipped = false;
      await operation(scene);
      if (!isSkipped) ledger.write({ do: "operation", kind: `${calls.way} ${name}` });
      ledger.check();
    });
  }
  await ledger.during(`seed ${seed}, the end of ${worker.name}`, () => end(scene, agent));
}

/** Perhaps stops its servers; then the agent exits by itself, or is killed between two calls or during one. */
async function end(scene: Scene, agent: Scene["agent"]): Promise<void> {
  const { random, ledger, worker, calls } = scene;
  const { root } = worker.place;
  if (random.chance(0.5)) {
    for (const server of ownServers(scene)) {
      await ledger.mayEnd({ servers: { port: server.claimed, root, worker } }, () =>
        calls.run(["stop", String(server.claimed)]),
      );
    }
  }
  const isKilled = random.chance(0.5);
  const call = random.pick(LAST_CALLS) ?? [];
  const last = isKilled && call.length > 0 ? calls.run(call) : undefined;
  if (last) await Bun.sleep(LONGEST_CALL * random.next());
  ledger.leave(worker);
  if (isKilled) ledger.write({ do: "kill", kind: last ? "agent during a call" : "agent" });
  await (isKilled ? agent.kill() : agent.leave());
  await last;
  ledger.check();
}

function draw(random: Random): (typeof OPERATIONS)[number] {
  let drawn = random.below(TOTAL);
  return OPERATIONS.find(([, weight]) => (drawn -= weight) < 0) as (typeof OPERATIONS)[number];
}
