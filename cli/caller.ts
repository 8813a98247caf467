import type { Machine } from "../native/machine.ts";
import { RegistryError } from "../registry/model/errors.ts";
import { type Caller, resolveCaller } from "../registry/owner/caller.ts";

/** Who calls. One that can't be told owns nothing, but may act on what is its directory's. */
export function callerOrNobody(machine: Machine, command: string): Caller | undefined {
  try {
    return resolveCaller(machine, command);
  } catch (error) {
    if (error instanceof RegistryError && error.reason.code === "no-owner") return undefined;
    throw error;
  }
}
