import { monotonic } from "../../../native/linux/clock.ts";
import type { Answered, Wish } from "./calls.ts";
import { answeredElsewhere, grantedInUse, grantedOther } from "./judge.ts";
import { listening } from "./machine.ts";
import { placeAt } from "./place.ts";
import { drawPort, drawService, type Operation, type Scene, SERVICES } from "./scene.ts";
import { KINDS, startServer } from "./servers.ts";

const NO_PORT = 3;
const AMBIGUOUS = 4;

/** Claims ports: some port, a preferred one, that one alone, whichever the service has, or several at once. */
export const acquire: Operation = async (scene) => {
  const { calls, ledger } = scene;
  const wish = drawWish(scene);
  const since = monotonic();
  const before = listening();
  const { claims, code, said } = await calls.acquire(wish);
  const after = listening();
  const refusals = [NO_PORT, ...(wish.reuse ? [AMBIGUOUS] : [])];
  if (code !== 0 && !refusals.includes(code)) {
    ledger.violation(`acquire ${JSON.stringify(wish)} ended with ${code}: ${said}`);
  }
  for (const claim of claims) {
    if (claim.how !== "reused") keep(scene, since, claim);
    else report(scene, answeredElsewhere("reuse", calls.place, placeOf(scene, claim)), said);
    if (claim.how === "new") report(scene, grantedInUse(claim.port, before, after), said);
    report(scene, grantedOther(claim.port, wish), said);
  }
};

function drawWish(scene: Scene): Wish {
  const { random } = scene;
  const services = random.chance(0.15) ? SERVICES.slice(0, 2) : [drawService(scene)];
  if (services.length > 1) return { services };
  const drawn = random.below(10);
  if (drawn < 3) return { services };
  if (drawn < 6) return { services, prefer: drawPort(scene) };
  if (drawn < 8) return { services, prefer: drawPort(scene), exact: true };
  return { services, reuse: true };
}

/** Writes down a port that the agent has now; one that it is given again is no other promise. */
function keep({ ledger, worker, calls: { place } }: Scene, since: number, claim: Answered): void {
  const { port, service } = claim;
  const known = ledger.on(port);
  if (claim.how === "again" && known?.holder === worker) return;
  ledger.promise(since, { port, service, place, holder: worker });
}

export const placeOf = ({ town, ledger }: Scene, { cwd, port }: Answered) =>
  placeAt(town.places, cwd) ?? ledger.on(port)?.place;

export function report({ ledger }: Scene, wrong: string | undefined, said: string): void {
  if (wrong) ledger.violation(`${wrong}: ${said}`);
}

export const start: Operation = async (scene) => {
  const { random, calls, ledger, worker } = scene;
  const kind = random.pick(KINDS) ?? "run";
  const prefer = random.chance(0.3) ? drawPort(scene) : undefined;
  await startServer(calls, ledger, worker, { kind, service: drawService(scene), prefer });
};

/** Gives back a port on which no server of the agent listens. */
export const release: Operation = async (scene) => {
  const { ledger, worker, random, calls } = scene;
  const idle = [...ledger.promises].filter(({ holder, port, doubts }) => {
    const isServed = [...ledger.servers].some((server) => server.port === port);
    return holder === worker && doubts === 0 && !isServed;
  });
  const promised = random.pick(idle);
  if (promised === undefined) return scene.skip();
  const { port, service } = promised;
  const { code, said } = await ledger.mayEnd({ claims: { port } }, () => calls.release(port));
  if (code === 0) ledger.write({ do: "released", port, claim: `${service}#` });
  // A person may have released it meanwhile, or may still be about to.
  if (promised.doubts === 0 && ledger.promises.has(promised))
    ledger.violation(`release ${port} left the claim: ${code} ${said}`);
};
