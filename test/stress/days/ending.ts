import { until } from "../../harness.ts";
import { hasEnded, kill } from "../../processes.ts";
import { report } from "./claiming.ts";
import type { Aim } from "./judge.ts";
import { listenerOf } from "./listener.ts";
import {
  drawListening,
  drawService,
  isUntouched,
  type Operation,
  ownServers,
  type Scene,
} from "./scene.ts";
import { crash, endNow } from "./servers.ts";

export const stopService: Operation = async (scene) => {
  const service = drawService(scene);
  await stop(scene, service, { service });
};

/** Another's too: only one of this checkout may end. */
export const stopPort: Operation = async (scene) => {
  const { ledger, random } = scene;
  const meant = random.pick(random.chance(0.5) ? ownServers(scene) : [...ledger.servers]);
  if (meant === undefined) return scene.skip();
  return await stop(scene, String(meant.claimed), { port: meant.claimed });
};

const CODES = [0, 1, 4];

/** What `stop --json` answers; without a claim, there is no service. */
interface Stopped {
  port: number;
  service: string | null;
  ended: { pid: number }[];
}

/** Only servers of the agent's checkout, and its own, may end. */
async function stop(scene: Scene, what: string, aim: Aim): Promise<void> {
  const { ledger, calls, worker } = scene;
  const { root } = worker.place;
  await ledger.mayEnd({ servers: { ...aim, root, worker } }, async () => {
    const { code, out, err } = await calls.run(["stop", what, "--json"]);
    if (!CODES.includes(code)) report(scene, `stop ${what} ended with ${code}`, out + err);
    if (code !== 0) return;
    const { port, service, ended } = JSON.parse(out) as Stopped;
    const left = ended.filter(({ pid }) => !hasEnded(pid));
    if (left.length > 0) report(scene, `stop ${what} says that it ended ${left[0]?.pid}`, out);
    if (ended.length > 0) ledger.write({ do: "stopped", port, claim: `${service}#` });
  });
}

/** Its own server, which listens: nothing may keep it from that. */
export const stopOwn: Operation = async (scene) => {
  const own = drawListening(scene);
  if (own === undefined) return scene.skip();
  const { server } = own;
  await stop(scene, String(server.port), { port: server.port });
  if (isUntouched(scene, own)) report(scene, "stop left its own server running", server.id);
};

/** Kills a server; a supervisor starts its own again. */
export const crashServer: Operation = async (scene) => {
  const { random, ledger, town } = scene;
  const server = random.pick(ownServers(scene));
  if (server === undefined) return scene.skip();
  ledger.write({ do: "kill", kind: "server" });
  const pid = listenerOf(town, server);
  if (server.kind !== "supervised" || pid === undefined) return await crash(ledger, server);
  kill(pid);
  await until("the supervisor has started it again", () => {
    const again = listenerOf(town, server);
    return server.doubts > 0 || (again !== undefined && again !== pid);
  });
};

const CALLS: ((scene: Scene) => string[])[] = [
  (scene) => ["acquire", drawService(scene)],
  (scene) => ["find", drawService(scene)],
  () => ["list", "--json"],
  () => ["reap"],
  () => ["doctor"],
  (scene) => ["release", "--project", scene.worker.name],
];

/** Kills a call of portclaim on its way. */
export const killCall: Operation = async (scene) => {
  const { random, calls } = scene;
  const words = random.pick(CALLS)?.(scene) ?? [];
  await killed(scene, () => calls.run(words, 0.001 + 0.03 * random.next()));
};

/** Kills a stop on its way, and what it may have told to end. */
export const killStop: Operation = async (scene) => {
  const { ledger, calls, random } = scene;
  const own = drawListening(scene);
  if (own === undefined) return scene.skip();
  const { server } = own;
  await ledger.mayEnd({ servers: { server } }, async () => {
    const words = ["stop", String(server.port)];
    await killed(scene, () => calls.run(words, 0.001 + 0.06 * random.next()));
    await endNow(server);
  });
};

async function killed(scene: Scene, call: () => Promise<{ code: number; err: string }>) {
  const { code } = await call();
  const { way } = scene.calls;
  if (code === 137) scene.ledger.write({ do: "kill", kind: `call by ${way}` });
}
