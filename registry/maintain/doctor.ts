import { DEFAULTS } from "../config/config.ts";
import { RegistryError } from "../errors/errors.ts";
import type { Caller } from "../owner/caller.ts";
import { ClaimStore } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";
import { transact } from "../store/transaction.ts";
import { checkClaims } from "./check-claims.ts";
import { checkFiles } from "./check-files.ts";
import {
  type Check,
  checkConfig,
  checkHistory,
  checkHome,
  checkLock,
  checkRange,
} from "./check-home.ts";
import { checkProjectFile } from "./check-project.ts";

export type { Check };

export interface DoctorRequest {
  /** Only report what would change. */
  dryRun?: boolean;
  /** Seconds for which a claimed port without a listener stays reserved. Default: from the config. */
  grace?: number;
  /** Also check the portclaim.toml of the checkout that contains this directory. */
  cwd?: string;
}

/**
 * Checks the registry, fixes what it can, and reports the rest. Works where other commands fail: with
 * a malformed config, a lock that can't be acquired, an unsafe directory.
 */
export async function doctor(
  opened: Omit<Registry, "config">,
  { dryRun = false, grace: asked, cwd }: DoctorRequest = {},
  caller?: Caller,
): Promise<Check[]> {
  const home = checkHome(opened, dryRun);
  if (isBlocked(home)) return home;
  const { config, check } = await checkConfig(opened);
  const registry: Registry = { ...opened, config: config ?? DEFAULTS };
  const first = [...home, checkLock(registry), ...checkHistory(registry), check];
  if (config) first.push(checkRange(registry));
  if (cwd !== undefined) first.push(...(await checkProjectFile(registry, cwd)));
  if (isBlocked(first)) return first;
  // Without a readable config the grace is unknown, so release nothing.
  const grace = asked ?? config?.grace ?? Infinity;
  if (dryRun) {
    const table = new ClaimStore(registry.machine, registry.home).readAll();
    return [...first, ...checkFiles(registry, table, true), ...checkClaims(registry, table, grace)];
  }
  try {
    return await transact(
      registry,
      (transaction) => [
        ...first,
        ...checkFiles(registry, transaction, false),
        ...checkClaims(registry, transaction, grace),
      ],
      caller,
    );
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return [...first, { check: "lock", status: "error", message: error.message }];
  }
}

const isBlocked = (checks: readonly Check[]) => checks.some(({ blocking }) => blocking === true);
