import { placeOf, report } from "./claiming.ts";
import { answeredElsewhere } from "./judge.ts";
import { listenerOf } from "./listener.ts";
import { drawListening, drawService, isUntouched, type Operation } from "./scene.ts";

const NOT_FOUND = 4;

/** Asks for a service's port: never another checkout's, and always the agent's own if it has the only one. */
export const find: Operation = async (scene) => {
  const { calls, ledger, worker } = scene;
  const service = drawService(scene);
  const own = [...ledger.promises].find(
    (one) => one.holder === worker && one.service === service && one.doubts === 0,
  );
  const { claims, code, said } = await calls.find(service);
  const [claim] = claims;
  if (claim) report(scene, answeredElsewhere("find", calls.place, placeOf(scene, claim)), said);
  else if (code !== NOT_FOUND) report(scene, `find ${service} ended with ${code}`, said);
  else if (own && own.doubts === 0 && ledger.promises.has(own) && !/several|ambiguous/.test(said)) {
    report(scene, `find ${service} doesn't find ${own.port}`, said);
  }
};

/** Every claim that is relied on is listed, with what listens. */
export const list: Operation = async (scene) => {
  const { calls, ledger } = scene;
  const before = [...ledger.promises].filter(({ doubts }) => doubts === 0);
  const { claims, code, said } = await calls.list();
  if (code !== 0) report(scene, `list ended with ${code}`, said);
  for (const promised of before) {
    const { port, service, doubts } = promised;
    if (doubts > 0 || !ledger.promises.has(promised)) continue;
    const isListed = claims.some((claim) => claim.port === port && claim.service === service);
    if (!isListed) report(scene, `list leaves out ${service} on ${port}`, said);
  }
};

/** Names the process that really listens. */
export const who: Operation = async (scene) => {
  const own = drawListening(scene);
  if (own === undefined) return scene.skip();
  const { port } = own.server;
  const pid = listenerOf(scene.town, own.server);
  const { code, out, err } = await scene.calls.run(["who", String(port), "--json"]);
  if (pid === undefined || !isUntouched(scene, own)) return;
  if (code === 0 && pidsIn(out).includes(pid)) return;
  report(scene, `who ${port} doesn't name ${pid}: ${code}`, out + err);
};

const pidsIn = (out: string) =>
  (JSON.parse(out) as { listeners: { pid: number | null }[] }).listeners.map(({ pid }) => pid);

export const wait: Operation = async (scene) => {
  const own = drawListening(scene);
  if (own === undefined) return scene.skip();
  const { port } = own.server;
  const { code, err } = await scene.calls.run(["wait", String(port), "--timeout", "20s"]);
  if (code !== 0 && isUntouched(scene, own)) report(scene, `wait ${port} ended with ${code}`, err);
};
