import { type Machine, thisMachine } from "../../native/machine.ts";
import type { Config } from "../config/config.ts";
import { type Environment, findHome, type Home } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { LOCK_TIMEOUT, type LockOptions } from "./lock.ts";

/** The registry of one user on one machine. */
export interface Registry {
  machine: Machine;
  home: Home;
  config: Config;
  lock: LockOptions;
  /** Allows a home on a network file system, where a lock may not exclude other hosts. */
  allowNetwork: boolean;
}

export interface OpenOptions {
  environment: Environment;
  machine?: Machine;
  lock?: LockOptions;
  allowNetwork?: boolean;
}

/** Finds the registry and reads its config. Creates nothing. Throws a RegistryError ("config", "no-home"). */
export async function openRegistry(options: OpenOptions): Promise<Registry> {
  const { machine = thisMachine(), environment } = options;
  const home = findHome(machine, environment);
  return {
    machine,
    home,
    config: await loadConfig(machine, home),
    lock: options.lock ?? { timeout: LOCK_TIMEOUT },
    allowNetwork: options.allowNetwork ?? false,
  };
}
