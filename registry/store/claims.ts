import { unless } from "../../native/errno.ts";
import type { Machine } from "../../native/machine.ts";
import type { Home } from "../config/home.ts";
import { type Claim, portOfFile } from "../model/claim.ts";
import { type ClaimPatch, encodeClaim, LARGEST_CLAIM, decodeClaim, patchClaim } from "./codec.ts";
import { type Glanced, glancer } from "./glance.ts";

/** A claim with the very text it was read from. */
export interface Parsed {
  readonly claim: Claim;
  readonly text: string;
}

export type Entry = Parsed | Glanced;

/** A file that is named like a claim but can't be understood: its port counts as held. */
export interface Unreadable {
  port: number;
  problem: string;
}

/** What claims/ holds. */
export interface ClaimTable {
  entries: Map<number, Entry>;
  unreadable: Map<number, Unreadable>;
  /** Names that are no claim's: `.tmp` files of dead writers, and what else lies there. */
  others: string[];
}

// Errors of one file that mean "not a claim of ours". Any other (EMFILE, EIO) stops the reading.
const NOT_A_FILE = ["ELOOP", "EISDIR", "EACCES", "EPERM", "ENXIO", "EAGAIN", "EINVAL", "ENODEV"];

/** Of so many claims only those are parsed that somebody asks for. */
const MANY = 200;

/** The path of a port's claim file. */
export function claimPath(home: Home, port: number): string {
  return `${home.claims}/${port}.json`;
}

/** Reads one port's claim; `undefined` if there is none. Readers never lock. */
export function readClaim(
  machine: Machine,
  home: Home,
  port: number,
): Entry | Unreadable | undefined {
  try {
    return entryOf(port, machine.files.read(claimPath(home, port), LARGEST_CLAIM + 1));
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    return problemOf(port, error);
  }
}

function problemOf(port: number, error: unknown): Unreadable {
  const { code = "" } = error as { code?: string };
  if (NOT_A_FILE.includes(code)) return { port, problem: `it can't be read (${code})` };
  throw error;
}

function entryOf(port: number, text: string): Entry | Unreadable {
  const claim = decodeClaim(text, port);
  return typeof claim === "string" ? { port, problem: claim } : { claim, text };
}

function readFolder({ files }: Machine, { claims }: Home) {
  return unless(["ENOENT"], () => files.readFolder(claims, ".json", LARGEST_CLAIM + 1)) ?? [];
}

/** Reads every claim. A missing folder is an empty registry; any other failure is an error. */
export function readClaims(machine: Machine, home: Home): ClaimTable {
  const contents: ClaimTable = { entries: new Map(), unreadable: new Map(), others: [] };
  const { entries, unreadable, others } = contents;
  const all = readFolder(machine, home);
  const glance = all.length < MANY ? undefined : glancer();
  for (const { name, text, error } of all) {
    const glanced = text === undefined ? undefined : glance?.(name, text);
    if (glanced) {
      entries.set(glanced.port, glanced);
      continue;
    }
    const port = portOfFile(name);
    if (port === undefined) others.push(name);
    else {
      const found = text === undefined ? problemOf(port, error) : entryOf(port, text);
      if ("claim" in found) entries.set(port, found);
      else unreadable.set(port, found);
    }
  }
  return contents;
}

/** Writes a claim file whole or not at all. Only under the lock. */
function replace(machine: Machine, home: Home, port: number, text: string): void {
  const path = claimPath(home, port);
  const temporary = `${path}.tmp`;
  try {
    machine.files.create(temporary, text, true);
  } catch (error) {
    // Under the lock, one that lies there is a dead writer's.
    if ((error as { code?: string }).code !== "EEXIST") throw error;
    machine.files.remove(temporary);
    machine.files.create(temporary, text, true);
  }
  try {
    machine.files.rename(temporary, path);
  } catch (error) {
    machine.files.remove(temporary);
    throw error;
  }
}

/** Writes a new claim. Only under the lock. */
export function writeClaim(machine: Machine, home: Home, claim: Claim): Entry {
  const text = encodeClaim(claim);
  replace(machine, home, claim.port, text);
  return { claim, text };
}

/** Changes fields of a claim; what else stands in its file survives. Only under the lock. */
export function rewriteClaim(
  machine: Machine,
  home: Home,
  entry: Entry,
  changes: ClaimPatch,
): Entry {
  const text = patchClaim(entry.text, changes);
  replace(machine, home, entry.claim.port, text);
  return { claim: JSON.parse(text) as Claim, text };
}

/** Puts a claim file back as it was. Only under the lock. */
export function restoreClaim(machine: Machine, home: Home, entry: Entry): void {
  replace(machine, home, entry.claim.port, entry.text);
}

/** Removes a claim file; one that is gone already is no error. Only under the lock. */
export function removeClaim(machine: Machine, home: Home, port: number): void {
  unless(["ENOENT"], () => machine.files.remove(claimPath(home, port)));
}
