import { DEFAULTS } from "../config/config.ts";
import { ensureHome } from "../config/home.ts";
import { RegistryError } from "../model/errors.ts";
import { acquireLock } from "../store/lock.ts";
import type { Registry } from "../store/registry.ts";
import { checkClaims, checkFiles } from "./check-claims.ts";
import { type Check, checkConfig, checkHome, checkLock, checkRange } from "./check-home.ts";

export type { Check };

export interface DoctorRequest {
  /** Only say what would be done. */
  dryRun?: boolean;
  /** Seconds in which an unbound port is left alone; the config's if left out. */
  grace?: number;
}

/**
 * Examines the registry, mends what may be mended and says what may not. Works where nothing else
 * does: with a malformed config, a lock that can't be taken, a folder that isn't safe.
 */
export async function doctor(
  opened: Omit<Registry, "config">,
  request: DoctorRequest = {},
): Promise<Check[]> {
  const dryRun = request.dryRun === true;
  const home = checkHome(opened, dryRun);
  if (isBlocked(home)) return home;
  const { config, check } = await checkConfig(opened);
  const registry: Registry = { ...opened, config: config ?? DEFAULTS };
  const first = [...home, checkLock(registry), check, checkRange(registry)];
  if (isBlocked(first)) return first;
  // Where the config can't be understood nobody knows the grace: nothing is released by a guess.
  const grace = request.grace ?? config?.grace ?? Infinity;
  if (dryRun) {
    return [...first, ...checkFiles(registry, true), ...checkClaims(registry, grace, true)];
  }
  try {
    ensureHome(registry.machine, registry.home);
    using _lock = await acquireLock(registry.machine, registry.home, registry.waiting);
    return [...first, ...checkFiles(registry, false), ...checkClaims(registry, grace, false)];
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return [...first, { check: "lock", status: "error", message: error.message }];
  }
}

const isBlocked = (checks: readonly Check[]) => checks.some(({ blocking }) => blocking === true);
