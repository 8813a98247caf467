import { errnoMessage, SystemError } from "../../native/errno.ts";
import { type Machine, thisMachine } from "../../native/machine.ts";
import { type Config, DEFAULTS } from "../config/config.ts";
import { findHome, type Home, sharedDirectories } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { RegistryError } from "../errors/errors.ts";
import { parseDigits } from "../model/claim.ts";
import { type LockOptions, lockOptions } from "./lock.ts";

/** The registry of one user on one machine. */
export interface Registry {
  machine: Machine;
  home: Home;
  config: Config;
  lock: LockOptions;
  /** Directories that many projects share, so that they identify no process or claim. */
  shared: ReadonlySet<string>;
  /** Allows a home on a network file system, where a lock may not exclude other hosts. */
  allowNetwork: boolean;
  /** Bytes after which history.jsonl is renamed to history.jsonl.1; 0 for no history. */
  historySize: number;
  /** What makes changes without a caller, for the history: "the dashboard". */
  by?: string;
}

/** Bytes. */
export const HISTORY_SIZE = 1024 * 1024;

export interface OpenOptions {
  /** HOME, PORTCLAIM_HOME, PORTCLAIM_LOCK_TIMEOUT, PORTCLAIM_ALLOW_NETWORK_HOME and PORTCLAIM_HISTORY_SIZE are read. */
  environment: Record<string, string | undefined>;
  machine?: Machine;
  /** Called once a wait for the lock has lasted half a second, with the pid that holds it. */
  onWait?: LockOptions["onWait"];
  /** For callers that need no config: called with what is wrong with it; the defaults apply then. */
  onBadConfig?: (problem: string) => void;
}

/**
 * Finds the registry and reads its config. Creates nothing. Throws a RegistryError: "config",
 * "no-home", "invalid" (PORTCLAIM_LOCK_TIMEOUT, PORTCLAIM_HISTORY_SIZE).
 */
export async function openRegistry(options: OpenOptions): Promise<Registry> {
  const opened = openWithoutConfig(options);
  try {
    return { ...opened, config: await loadConfig(opened.machine, opened.home) };
  } catch (error) {
    const problem = problemWithConfig(error, opened.home);
    if (options.onBadConfig === undefined || problem === undefined) throw error;
    options.onBadConfig(problem);
    return { ...opened, config: DEFAULTS };
  }
}

/** What is wrong with the config itself; `undefined` for any other error, such as a home that is a file. */
function problemWithConfig(error: unknown, { config }: Home): string | undefined {
  if (error instanceof RegistryError) return error.message;
  if (!(error instanceof SystemError) || error.code === "ENOTDIR") return undefined;
  return `cannot read ${config}: ${errnoMessage(error.code)}`;
}

/** Like {@link openRegistry} without the config, for the commands that fix a malformed one. */
export function openWithoutConfig(options: OpenOptions): Omit<Registry, "config"> {
  const { machine = thisMachine(), environment, onWait } = options;
  return {
    machine,
    home: findHome(machine, environment),
    lock: lockOptions(environment["PORTCLAIM_LOCK_TIMEOUT"], onWait),
    shared: sharedDirectories(environment),
    allowNetwork: environment["PORTCLAIM_ALLOW_NETWORK_HOME"] === "1",
    historySize: historySize(environment["PORTCLAIM_HISTORY_SIZE"]),
  };
}

function historySize(text: string | undefined): number {
  const size = text ? parseDigits(text) : HISTORY_SIZE;
  if (size !== undefined) return size;
  throw new RegistryError(
    `PORTCLAIM_HISTORY_SIZE is not a number of bytes: ${JSON.stringify(text)}`,
    {
      code: "invalid",
      what: "environment",
    },
  );
}
