import { acquire } from "../../../registry/allocate/acquire.ts";
import { type ReapRequest, reap } from "../../../registry/maintain/reap.ts";
import type { Lease } from "../../../registry/model/claim.ts";
import { AGENT, FakeMachine, HOME, PROJECT } from "../../fake-machine.ts";

/** A script that claims for itself; its process group is its own. */
export const OWNER = 300;

/** Claims a port for a process of its own (pid 300, group 300), from its own group. */
export async function claim(machine: FakeMachine, lease: Lease = "ephemeral"): Promise<number> {
  if (!machine.processes.has(OWNER)) machine.start({ pid: OWNER, argv: ["bash", "dev.sh"] });
  const request = { services: ["web"], cwd: PROJECT, lease };
  const caller = machine.caller(OWNER);
  const { grants } = await acquire(machine.registry(), request, caller);
  return grants[0]?.claim.port ?? 0;
}

/** Another owner's acquire, which reconciles on its way. */
export async function acquireElsewhere(machine: FakeMachine) {
  const request = { services: ["other"], cwd: `${HOME}/elsewhere` };
  return (await acquire(machine.registry(), request, machine.caller(AGENT))).outcomes;
}

/** What a reap did, and to claims of which state. */
export const run = (machine: FakeMachine, request: ReapRequest = {}) =>
  reap(machine.registry(), request).then((all) => all.map(({ action, state }) => [action, state]));

/** Moves a process where no claim of this test covers it. */
export const ELSEWHERE = { cwd: "/srv", parent: 1 };
