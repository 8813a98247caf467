import { unless } from "../../native/errno.ts";
import type { Machine } from "../../native/machine.ts";
import type { Stat } from "../../native/types.ts";
import { RegistryError } from "../errors/errors.ts";

/** The registry's directory and the paths in it. */
export interface Home {
  path: string;
  claims: string;
  lock: string;
  config: string;
  portHistory: string;
  history: string;
  /** The latest changes, until they are in the history. */
  pending: string;
  quarantine: string;
}

function homeAt(path: string): Home {
  return {
    path,
    claims: `${path}/claims`,
    lock: `${path}/.lock`,
    config: `${path}/config.toml`,
    portHistory: `${path}/last-ports.json`,
    history: `${path}/history.jsonl`,
    pending: `${path}/.pending`,
    quarantine: `${path}/quarantine`,
  };
}

function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === "/") end--;
  return path.slice(0, end);
}

const absolute = (path: string | undefined) => (path?.startsWith("/") ? path : undefined);

// `sudo` may keep the user's HOME, but the user couldn't change files that root writes there.
function ownHome(machine: Machine, home: string | undefined): string | undefined {
  if (absolute(home) === undefined || machine.uid !== 0) return absolute(home);
  const uid = unless(["ENOENT", "EACCES"], () => machine.files.stat(`${home}/.`))?.uid;
  return uid === undefined || uid === 0 ? home : undefined;
}

/**
 * Finds the registry: $PORTCLAIM_HOME, else .portclaim in $HOME, else .portclaim in the user database's
 * home directory. Throws a RegistryError ("no-home").
 */
export function findHome(machine: Machine, environment: Record<string, string | undefined>): Home {
  const { PORTCLAIM_HOME: own, HOME } = environment;
  if (own !== undefined && own !== "") {
    if (own.startsWith("/")) return homeAt(withoutTrailingSlashes(own));
    throw new RegistryError(`PORTCLAIM_HOME is not an absolute path: "${own}"`, {
      code: "no-home",
    });
  }
  const home = ownHome(machine, HOME) ?? absolute(machine.userHome());
  if (home !== undefined) {
    const directory = withoutTrailingSlashes(home);
    return homeAt(`${directory === "/" ? "" : directory}/.portclaim`);
  }
  throw new RegistryError("no home directory: HOME is not set", { code: "no-home" });
}

/**
 * Directories that many projects share: $HOME, / and the temporary ones. A process that works in one
 * of them can't be attributed to a project.
 */
export function sharedDirectories(
  environment: Record<string, string | undefined>,
): ReadonlySet<string> {
  const { HOME, TMPDIR } = environment;
  const shared = new Set(["/", "/tmp", "/var/tmp", "/private/tmp", "/private/var/tmp"]);
  // startup: `flatMap` takes 0.1 ms when first called.
  for (const path of [HOME, TMPDIR]) if (path) shared.add(withoutTrailingSlashes(path));
  return shared;
}

const WRITABLE_BY_OTHERS = 0o022;

function problemOf(stat: Stat, uid: number): string | undefined {
  if (stat.kind !== "directory") return "not a directory";
  if (stat.uid !== uid) return `owned by user ${stat.uid}, not ${uid}`;
  if ((stat.mode & WRITABLE_BY_OTHERS) !== 0) {
    return `writable by others (mode ${stat.mode.toString(8).padStart(4, "0")})`;
  }
  return undefined;
}

/** Why a registry directory is unsafe to write to; `undefined` if it is safe or missing. */
export function checkDirectory(machine: Machine, path: string): string | undefined {
  const stat = unless(["ENOENT"], () => machine.files.stat(path));
  return stat && problemOf(stat, machine.uid);
}

/**
 * Creates missing registry directories (mode 0700). Throws a RegistryError ("unsafe-home") if another
 * user could write there, or a SystemError if they can't be created.
 */
export function ensureHome(machine: Machine, home: Home): void {
  // "/." follows a home that is a symlink; `claims` itself must not be one.
  ensureDirectory(machine, home.path, `${home.path}/.`);
  ensureDirectory(machine, home.claims, home.claims);
}

function ensureDirectory(machine: Machine, path: string, checked: string): void {
  let stat = unless(["ENOENT"], () => machine.files.stat(checked));
  if (stat === undefined) {
    makeDirectory(machine, path);
    stat = machine.files.stat(checked);
  }
  const problem = problemOf(stat, machine.uid);
  if (problem === undefined) return;
  throw new RegistryError(`${path} is ${problem}`, { code: "unsafe-home", path, problem });
}

function makeDirectory(machine: Machine, path: string): void {
  try {
    machine.files.makeDirectory(path);
  } catch (error) {
    const { code } = error as { code?: string };
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || parent === "" || isThere(machine, parent)) throw error;
    makeDirectory(machine, parent);
    unless(["EEXIST"], () => machine.files.makeDirectory(path));
  }
}

// Catches dangling symlinks and paths in /proc, where creating parents would recurse forever.
function isThere(machine: Machine, path: string): boolean {
  return unless(["ENOENT"], () => machine.files.stat(path)) !== undefined;
}
