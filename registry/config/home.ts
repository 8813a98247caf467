import { unless } from "../../native/errno.ts";
import type { Machine } from "../../native/machine.ts";
import type { Stat } from "../../native/types.ts";
import { RegistryError } from "../model/errors.ts";

/** The registry's folder and what is in it. */
export interface Home {
  path: string;
  claims: string;
  lock: string;
  config: string;
  portHistory: string;
  quarantine: string;
}

export interface Environment {
  PORTCLAIM_HOME?: string | undefined;
  HOME?: string | undefined;
}

function homeAt(path: string): Home {
  return {
    path,
    claims: `${path}/claims`,
    lock: `${path}/.lock`,
    config: `${path}/config.toml`,
    portHistory: `${path}/last-ports.json`,
    quarantine: `${path}/quarantine`,
  };
}

function withoutEndSlashes(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === "/") end--;
  return path.slice(0, end);
}

const absolute = (path: string | undefined) => (path?.startsWith("/") ? path : undefined);

// `sudo` may keep the user's HOME; what root would write there, the user could no longer change.
function ownHome(machine: Machine, home: string | undefined): string | undefined {
  if (absolute(home) === undefined || machine.uid !== 0) return absolute(home);
  const uid = unless(["ENOENT", "EACCES"], () => machine.files.stat(`${home}/.`))?.uid;
  return uid === undefined || uid === 0 ? home : undefined;
}

/** Where the registry is: $PORTCLAIM_HOME, else ~/.portclaim, else that of the user database. */
export function findHome(machine: Machine, environment: Environment): Home {
  const { PORTCLAIM_HOME: own, HOME } = environment;
  if (own !== undefined && own !== "") {
    if (own.startsWith("/")) return homeAt(withoutEndSlashes(own));
    throw new RegistryError(`Cannot use PORTCLAIM_HOME "${own}": it is not an absolute path`, {
      code: "no-home",
    });
  }
  const home = ownHome(machine, HOME) ?? absolute(machine.userHome());
  if (home !== undefined) {
    const folder = withoutEndSlashes(home);
    return homeAt(`${folder === "/" ? "" : folder}/.portclaim`);
  }
  throw new RegistryError("Cannot find a home directory: HOME is not set", { code: "no-home" });
}

const OTHERS_WRITE = 0o022;

function problemOf(stat: Stat, uid: number): string | undefined {
  if (stat.kind !== "directory") return "it is not a directory";
  if (stat.uid !== uid) return `it belongs to user ${stat.uid}, not to ${uid}`;
  if ((stat.mode & OTHERS_WRITE) !== 0) {
    return `others may write to it (mode ${stat.mode.toString(8).padStart(4, "0")})`;
  }
  return undefined;
}

/** What makes a folder of the registry unsafe to write to; `undefined` if it is missing or safe. */
export function checkDirectory(machine: Machine, path: string): string | undefined {
  const stat = unless(["ENOENT"], () => machine.files.stat(path));
  return stat && problemOf(stat, machine.uid);
}

/** Makes the registry's folders (0700), or throws a RegistryError if somebody else may write there. */
export function ensureHome(machine: Machine, home: Home): void {
  // "/." follows a home that is a symlink; `claims` itself must not be one.
  ensureDirectory(machine, home.path, `${home.path}/.`);
  ensureDirectory(machine, home.claims, home.claims);
}

function ensureDirectory(machine: Machine, path: string, looked: string): void {
  let stat = unless(["ENOENT"], () => machine.files.stat(looked));
  if (stat === undefined) {
    makeDirectory(machine, path);
    stat = machine.files.stat(looked);
  }
  const problem = problemOf(stat, machine.uid);
  if (problem === undefined) return;
  throw new RegistryError(`Cannot use ${path}: ${problem}`, { code: "unsafe-home", path, problem });
}

function makeDirectory(machine: Machine, path: string): void {
  try {
    machine.files.makeDirectory(path);
  } catch (error) {
    const { code } = error as { code?: string };
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (code === "ENOENT" && parent !== "") {
      makeDirectory(machine, parent);
      makeDirectory(machine, path);
    } else if (code !== "EEXIST") throw error;
  }
}
