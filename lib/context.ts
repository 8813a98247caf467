import { thisMachine } from "../native/machine.ts";
import type { Claim } from "../registry/model/claim.ts";
import { type Caller, callerFor } from "../registry/owner/caller.ts";
import { openRegistry, type Registry } from "../registry/store/registry.ts";
import { transact } from "../registry/store/transaction.ts";

/** What a call of the library works with: this process, as it is now. */
export interface Context {
  registry: Registry;
  caller: Caller;
  cwd: string;
}

/** Reads the environment, which a program may change between two calls. */
export async function openContext(onBadConfig?: () => void): Promise<Context> {
  if (process.platform === "win32") {
    throw new Error("portclaim runs on Linux and macOS; on Windows, run it under WSL");
  }
  // A server that waits for the lock must keep serving.
  const machine = thisMachine((milliseconds) => Bun.sleep(milliseconds));
  const registry = await openRegistry({
    environment: process.env,
    machine,
    ...(onBadConfig && { onBadConfig }),
  });
  return { registry, caller: callerFor(machine, machine.pid), cwd: process.cwd() };
}

/** Removes a claim, unless its port has been claimed again since. */
export async function removeIfSame({ registry, caller }: Context, claim: Claim): Promise<void> {
  const { port, pid, claimed_at } = claim;
  const isSame = (now: Claim) => now.claimed_at === claimed_at && now.pid === pid;
  const why = { event: "released", reason: null } as const;
  await transact(registry, (transaction) => transaction.removeIf(port, isSame, why), caller);
}
