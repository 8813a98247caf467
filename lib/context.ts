import { thisMachine } from "../native/machine.ts";
import type { Claim } from "../registry/model/claim.ts";
import { type Caller, callerFor } from "../registry/owner/caller.ts";
import { openRegistry, type Registry } from "../registry/store/registry.ts";
import { transact } from "../registry/store/transaction.ts";
import { toPortclaimError } from "./error.ts";
import { refuseWindows } from "./program.ts";

/** What a call of the library works with: this process, as it is now. */
export interface Context {
  registry: Registry;
  caller: Caller;
  cwd: string;
}

/**
 * Works in the registry that the environment names, which a program may change between two calls. With
 * `anyway`, the defaults apply where config.toml is invalid.
 */
export async function inRegistry<T>(
  work: (context: Context) => T | Promise<T>,
  { anyway = false } = {},
): Promise<T> {
  refuseWindows();
  try {
    // A server that waits for the lock must keep serving.
    const machine = thisMachine((milliseconds) => Bun.sleep(milliseconds));
    const environment = process.env;
    const ignored = anyway ? { onBadConfig: () => {} } : {};
    const registry = await openRegistry({ environment, machine, ...ignored });
    return await work({ registry, caller: callerFor(machine, machine.pid), cwd: process.cwd() });
  } catch (error) {
    throw toPortclaimError(error);
  }
}

/** Removes a claim, unless its port has been claimed again since. */
export async function removeIfSame({ registry, caller }: Context, claim: Claim): Promise<void> {
  const { port, pid, claimed_at } = claim;
  const isSame = (now: Claim) => now.claimed_at === claimed_at && now.pid === pid;
  const why = { event: "released", reason: null } as const;
  await transact(registry, (transaction) => transaction.removeIf(port, isSame, why), caller);
}
