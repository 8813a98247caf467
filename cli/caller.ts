import { Refusal } from "../registry/errors.ts";
import type { Machine } from "../registry/machine.ts";
import { type Caller, findCaller } from "../registry/owner.ts";

/** Who calls. One that can't be told owns nothing, but may act on what is its directory's. */
export function callerOrNobody(machine: Machine, command: string): Caller | undefined {
  try {
    return findCaller(machine, command);
  } catch (error) {
    if (error instanceof Refusal && error.reason.code === "no-owner") return undefined;
    throw error;
  }
}
