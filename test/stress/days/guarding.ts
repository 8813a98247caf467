import { until } from "../../harness.ts";
import { hasEnded } from "../../processes.ts";
import { report } from "./claiming.ts";
import { askGuard, caseOf, drawAttempt } from "./guard-question.ts";
import { misjudged } from "./judge.ts";
import type { Server } from "./known.ts";
import { listenerOf } from "./listener.ts";
import { type Operation, ownServers, type Scene } from "./scene.ts";
import { endNow } from "./servers.ts";

/** Asks the guard about a way to end a server, its own or another's, and ends it if that is let through. */
export const guard: Operation = async (scene) => {
  const { ledger, random, calls, town, worker, name } = scene;
  const server = random.pick(random.chance(0.4) ? ownServers(scene) : [...ledger.servers]);
  const pid = server && listenerOf(town, server);
  if (server === undefined || pid === undefined) return scene.skip();
  const known = caseOf(ledger, worker, server, pid);
  const { kind, line } = drawAttempt(random, server, pid);
  const { denied, said } = await askGuard(calls, name, line);
  const now = caseOf(ledger, worker, server, pid);
  const isSame = JSON.stringify(known) === JSON.stringify(now) && listenerOf(town, server) === pid;
  if (!known || !isSame) return scene.skip();
  const whose = known.own ? "its own" : known.live ? "another agent's" : "an orphan";
  ledger.judged(`${denied ? "denied" : "passed"} ${kind} of ${whose}`);
  const wrong = misjudged({ denied, ...known });
  report(
    scene,
    wrong,
    `${line} by ${worker.name} in ${worker.place.cwd} (${describe(server)}): ${said}`,
  );
  if (!denied && !wrong) await carryOut(scene, server, pid, line);
};

const describe = ({ kind, service, worker, place, claimed }: Server) =>
  `${kind} ${service} on ${claimed} of ${worker.name} in ${place.cwd}`;

async function carryOut(scene: Scene, server: Server, pid: number, line: string): Promise<void> {
  const { ledger, calls } = scene;
  await ledger.mayEnd({ servers: { server } }, async () => {
    if (!line.startsWith("npx")) {
      await calls.shell(line);
      await until(`${line} has ended ${pid}`, () => hasEnded(pid));
    }
    // kill-port isn't installed, and pkill ends a supervisor too.
    if (!line.startsWith("kill")) await endNow(server);
  });
}

/** Every server that agents started would end: no agent may do that while another's runs. */
export const guardAll: Operation = async (scene) => {
  const { ledger, calls, name, worker, town } = scene;
  const others = () =>
    [...ledger.servers].filter((server) => {
      const pid = listenerOf(town, server);
      const known = pid === undefined ? undefined : caseOf(ledger, worker, server, pid);
      return known !== undefined && !known.own && known.live && known.proven;
    });
  const before = others();
  const { denied, said } = await askGuard(calls, name, "pkill -f server.mjs");
  const after = others().filter((server) => before.includes(server));
  const left = after.find(({ kind }) => kind !== "library" && kind !== "supervised");
  if (left && !denied) report(scene, `pkill -f was let through, with ${describe(left)}`, said);
};
