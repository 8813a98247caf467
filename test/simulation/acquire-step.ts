import { expect } from "bun:test";
import type { AcquireRequest } from "../../registry/allocate/acquire-request.ts";
import { type Acquired, acquire } from "../../registry/allocate/acquire.ts";
import { RegistryError } from "../../registry/errors/errors.ts";
import type { Claim, Lease } from "../../registry/model/claim.ts";
import { formatTime } from "../../registry/model/time.ts";
import { ASKERS, type Call, call } from "./caller.ts";
import { Offer } from "./grants.ts";
import { apply, checkFolder, decide } from "./ledger.ts";
import { settled } from "./oracle.ts";
import { DIRECTORIES, pick, type Scene, SERVICES } from "./scene.ts";

/** An acquire, drawn at random; numbers pick from what there is. */
export interface Asking {
  agent: number;
  asker: (typeof ASKERS)[number];
  cwd: number;
  services: number[];
  prefer: number | undefined;
  exact: boolean;
  reuse: boolean;
  lease: Lease;
  /** The shell stays: it is about to start a server. */
  stays: boolean;
  /** After how many changes to the disk the call is killed, if it is. */
  dies: number | undefined;
}

/** Acquires, compares the outcome with what was available, and records the new claims. */
export async function acquireStep(scene: Scene, asking: Asking): Promise<void> {
  const agent = pick(scene.agents(), asking.agent);
  if (agent === undefined) return;
  const cwd = pick(DIRECTORIES, asking.cwd) ?? "";
  const from = call(scene, agent, asking.asker, cwd, asking.stays);
  const { prefer, exact, reuse, lease } = asking;
  const request: AcquireRequest = {
    services: asking.services.map((number) => pick(SERVICES, number) ?? ""),
    project: cwd.slice(cwd.lastIndexOf("/") + 1),
    cwd,
    exact: exact && prefer !== undefined,
    reuse,
    lease,
    ...(prefer !== undefined && { prefer }),
  };
  const fates = decide(scene, (held) => settled(scene, held));
  const offer = new Offer(scene, from, request, fates);
  const outcome = await attempt(scene, request, from, asking.dies);
  if (outcome === undefined) scene.happened.add("acquire killed");
  if (outcome instanceof RegistryError) scene.happened.add(`acquire ${outcome.reason.code}`);
  let granted = new Set<number>();
  if (outcome === undefined) granted = adopt(scene, from, request, offer);
  else if (outcome instanceof RegistryError) checkRefusal(offer, request, outcome);
  else {
    expect(outcome.grants).toHaveLength(request.services.length);
    outcome.grants.forEach((grant, i) => {
      scene.happened.add(`granted ${grant.how}${grant.takenFrom ? ", taken over" : ""}`);
      offer.check(grant, i);
      if (grant.how === "reused") return;
      granted.add(grant.claim.port);
      record(scene, from, request, grant.claim.port, grant.claim.service);
    });
  }
  apply(scene, fates, granted, outcome === undefined);
  checkFolder(scene);
  from.end();
}

async function attempt(
  scene: Scene,
  request: AcquireRequest,
  { caller }: Call,
  dies = Infinity,
): Promise<Acquired | RegistryError | undefined> {
  try {
    const registry = await scene.registry();
    return await scene.machine.kill(dies, () => acquire(registry, request, caller));
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
}

function checkRefusal(
  offer: Offer,
  { services, prefer }: AcquireRequest,
  { reason }: RegistryError,
) {
  if (reason.code === "port-taken") expect(offer.isFree(prefer ?? 0)).toBeFalse();
  else {
    expect(reason.code).toBe("range-exhausted");
    expect(offer.room()).toBeLessThan(services.length);
  }
}

/** Finds out what a killed call had claimed before it died. */
function adopt(scene: Scene, from: Call, request: AcquireRequest, offer: Offer): Set<number> {
  const found = new Set<number>();
  for (const [name, text] of scene.files()) {
    const port = Number(/^(\d+)\.json$/.exec(name)?.[1]);
    if (!(port > 0) || [scene.held.get(port)?.text, scene.broken.get(port)?.text].includes(text))
      continue;
    const { service, claimed_at } = JSON.parse(text) as Claim;
    if (claimed_at !== formatTime(scene.machine.wall)) continue;
    expect(offer.mayWrite(port, service)).toBeTrue();
    found.add(port);
    record(scene, from, request, port, service);
  }
  return found;
}

/** Records a claim as it was requested, and compares its file with that. */
function record(
  scene: Scene,
  { agent, asker, cwd, group, shell }: Call,
  { project = "", lease = "ephemeral" }: AcquireRequest,
  port: number,
  service: string,
): void {
  const { machine } = scene;
  const text = scene.text(port) ?? "null";
  const { pid, start } = agent;
  const promised = { port, pid, agent: "claude-code", project, service, lease, cwd };
  expect(JSON.parse(text)).toMatchObject({ ...promised, owner: { start: String(start) } });
  scene.held.set(port, {
    port,
    pid,
    start,
    boot: machine.where.boot,
    service,
    project,
    cwd,
    lease,
    asker,
    group,
    serves: false,
    shell: asker === "shell in own group" ? shell : undefined,
    at: machine.awake,
    wall: machine.wall,
    asked: machine.startClock(),
    text,
  });
}
