import { thisMachine } from "../native/machine.ts";
import type { Claim } from "../registry/model/claim.ts";
import { type Caller, callerFor } from "../registry/owner/caller.ts";
import { openRegistry, type Registry } from "../registry/store/registry.ts";
import { transact } from "../registry/store/transaction.ts";

/** What every call of the library needs to know of its process, as it stands now. */
export interface Call {
  registry: Registry;
  caller: Caller;
  cwd: string;
}

/** Reads it from the environment, which a program may change between two calls. */
export async function thisCall(): Promise<Call> {
  if (process.platform === "win32") {
    throw new Error("portclaim runs on Linux and macOS; on Windows, run it under WSL");
  }
  // A server that waits for the lock keeps serving.
  const machine = thisMachine((milliseconds) => Bun.sleep(milliseconds));
  const registry = await openRegistry({ environment: process.env, machine });
  const cwd = process.cwd();
  return { registry, caller: callerFor(machine, machine.pid), cwd };
}

/** Removes a claim if it is still the one that was granted, and not a later one on its port. */
export async function giveBack(registry: Registry, claim: Claim): Promise<void> {
  const { port, pid, claimed_at } = claim;
  await transact(registry, (transaction) =>
    transaction.removeIf(port, (now) => now.claimed_at === claimed_at && now.pid === pid),
  );
}
