import { type Machine, thisMachine } from "../../native/machine.ts";
import { type Config, DEFAULTS } from "../config/config.ts";
import { type Environment, findHome, type Home, ensureHome } from "../config/home.ts";
import { RegistryError } from "../model/errors.ts";
import { type ClaimTable, readClaims } from "./claims.ts";
import { LOCK_TIMEOUT, acquireLock, type Waiting } from "./lock.ts";

/** The registry of one user on one machine. */
export interface Registry {
  machine: Machine;
  home: Home;
  config: Config;
  waiting: Waiting;
  /** Allows a home on a network file system, where locks may exclude nobody. */
  allowNetwork: boolean;
}

export interface Opening {
  environment: Environment;
  machine?: Machine;
  waiting?: Waiting;
  allowNetwork?: boolean;
}

const LARGEST_CONFIG = 1024 * 1024;

/** Finds the registry and reads its config. Creates nothing. Throws a RegistryError ("config", "no-home"). */
export async function openRegistry(opening: Opening): Promise<Registry> {
  const { machine = thisMachine(), environment } = opening;
  const home = findHome(machine, environment);
  return {
    machine,
    home,
    config: await loadConfig(machine, home),
    waiting: opening.waiting ?? { timeout: LOCK_TIMEOUT },
    allowNetwork: opening.allowNetwork ?? false,
  };
}

/** Reads config.toml; a missing one means the defaults. Throws a RegistryError ("config"). */
export async function loadConfig(machine: Machine, home: Home): Promise<Config> {
  // Managers of dotfiles link it, and who may write here may write the config anyway.
  const text = machine.files.readIfThere(home.config, LARGEST_CONFIG + 1, true);
  if (text === undefined) return DEFAULTS;
  if (text.length > LARGEST_CONFIG) {
    const reason = { code: "config", path: home.config } as const;
    throw new RegistryError(`Cannot read ${home.config}: it is larger than 1 MiB`, reason);
  }
  const { parseConfig } = await import("../config/parse.ts");
  return parseConfig(text, home.config);
}

/**
 * The one door to every change: lock, read, decide, write, unlock. `action` does its work at once,
 * without waiting for anything. Throws a RegistryError ("locked", "unsafe-home", "network-home").
 */
export async function transact<T>(
  registry: Registry,
  action: (contents: ClaimTable) => T,
): Promise<T> {
  const { machine, home } = registry;
  ensureHome(machine, home);
  if (!registry.allowNetwork) refuseNetwork(machine, home);
  const lock = await acquireLock(machine, home, registry.waiting);
  // `using` would say the same, and costs every command 0.2 ms.
  try {
    return action(readClaims(machine, home));
  } finally {
    lock[Symbol.dispose]();
  }
}

function refuseNetwork(machine: Machine, { path }: Home): void {
  const type = machine.networkFileSystem(path);
  if (type === undefined) return;
  throw new RegistryError(`Cannot lock ${path}: it is on a network file system (${type})`, {
    code: "network-home",
    path,
    type,
  });
}
