import { absent, acquireCall, findCall, held, printedClaim } from "./calls.ts";
import { callSync } from "./client.ts";
import type { AcquireOptions, FindOptions, FoundClaim, HeldClaim } from "./types.ts";

/**
 * `acquire` for code that can't wait for a promise, such as a config file. Runs portclaim and blocks until it
 * has exited: for about ten milliseconds, or longer while another process is holding the lock.
 */
export function acquireSync(service: string, options: AcquireOptions = {}): HeldClaim {
  return held(printedClaim(callSync(acquireCall(service, options))));
}

/** `find` for code that can't wait for a promise. Runs portclaim and blocks until it has exited. */
export function findSync(service: string, options: FindOptions = {}): FoundClaim | undefined {
  try {
    return callSync(findCall(service, options)) as FoundClaim;
  } catch (error) {
    return absent(error);
  }
}
