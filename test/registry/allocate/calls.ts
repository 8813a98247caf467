import type { AcquireRequest } from "../../../registry/allocate/acquire-request.ts";
import { acquire } from "../../../registry/allocate/acquire.ts";
import type { Grant } from "../../../registry/allocate/allocation.ts";
import type { Config } from "../../../registry/config/config.ts";
import type { Registry } from "../../../registry/store/registry.ts";
import { AGENT, FakeMachine, PROJECT } from "../../fake-machine.ts";

/** A pool of so many ports, from 4000 on. */
export const small = (count: number): Partial<Config> => ({
  range: { first: 4000, last: 3999 + count },
});

/** An agent that asks through a throwaway shell, which has ended when the next one asks. */
export function scene(): FakeMachine {
  const machine = new FakeMachine();
  startShell(machine, 400);
  return machine;
}

/** Starts a throwaway shell of the agent, and portclaim in it. */
export function startShell(machine: FakeMachine, pid: number): void {
  machine.start({ pid, parent: AGENT, argv: ["/bin/sh", "-c", "portclaim acquire"] });
  machine.start({ pid: machine.pid, parent: pid, group: pid, argv: ["portclaim", "acquire"] });
  machine.parent = pid;
}

/** The throwaway shell of the last call ends, and another asks. */
export function nextCall(machine: FakeMachine, seconds = 1): void {
  machine.end(machine.pid);
  machine.end(machine.parent);
  machine.advance(seconds);
  startShell(machine, machine.parent + 1);
}

/** Asks for `web` in the project, unless the request says otherwise, from a pool of ten ports. */
export function ask(
  machine: FakeMachine,
  request: Partial<AcquireRequest> = {},
  registry?: Registry,
) {
  return acquire(
    registry ?? machine.registry(small(10)),
    { services: ["web"], cwd: PROJECT, ...request },
    machine.caller(),
  );
}

/** The one grant of a call, with its port. */
export async function grant(
  machine: FakeMachine,
  request: Partial<AcquireRequest> = {},
  registry?: Registry,
): Promise<Grant & { port: number }> {
  const [first, ...others] = (await ask(machine, request, registry)).grants;
  if (first === undefined || others.length > 0) throw new Error("it is not one grant");
  return { ...first, port: first.claim.port };
}

/** The error of a refused call; `undefined` if it is granted. */
export const refusal = (
  machine: FakeMachine,
  request: Partial<AcquireRequest>,
  registry?: Registry,
) =>
  ask(machine, request, registry).then(
    () => undefined,
    (error: { message: string; reason: object }) => ({ message: error.message, ...error.reason }),
  );
