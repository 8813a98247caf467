import { unless } from "../../native/errno.ts";
import type { Machine } from "../../native/machine.ts";
import type { Home } from "../config/home.ts";
import { isPort, parseDigits } from "../model/claim.ts";

const MAX_LINES = 1000;
const MAX_SIZE = 512 * 1024;
/** Characters. A text of fewer than MAX_LINES times as many can't have too many lines. */
const MIN_LINE_LENGTH = 20;

/** The service and directory that a port is remembered for. */
interface Place {
  project: string;
  service: string;
  cwd?: string;
}

const keyOf = ({ project, service, cwd = "" }: Place) =>
  `\n ${JSON.stringify(JSON.stringify([project, service, cwd]))}: `;

/**
 * The port that each (project, service, directory) had last, in last-ports.json. It is only a hint: an
 * unreadable file counts as empty, and failed writes are ignored. Writers hold the lock.
 */
export class PortHistory {
  /**
   * The lines of the file's JSON, the newest last, each with its comma. startup: they are searched
   * and changed as text, as parsing a thousand takes longer than everything else done with them.
   */
  private lines = "";
  /** The path isn't a readable file and must be removed first. */
  private isBroken = false;

  constructor(
    readonly machine: Machine,
    readonly home: Home,
  ) {
    try {
      const text = machine.files.readIfThere(home.portHistory, MAX_SIZE);
      this.lines = text === undefined ? "" : linesOf(text);
    } catch {
      this.isBroken = true;
    }
  }

  /** The port that a service had last in a directory. */
  portOf(place: Place): number | undefined {
    const port = parseDigits(find(this.lines, keyOf(place))[1]);
    return isPort(port) ? port : undefined;
  }

  /** Whether another service had the port last, or this one in another directory that still exists. */
  isAnothers(port: number, place: Place): boolean {
    const at = this.lineOf(port);
    if (at === undefined) return false;
    const key = this.lines.slice(at.start, at.keyEnd);
    if (key === keyOf(place)) return false;
    const cwd = directoryOf(key);
    return cwd !== "" && isDirectory(this.machine, cwd);
  }

  /** Remembers the ports of claims, the newest last. A port is remembered for one place at a time. */
  remember(claims: readonly (Place & { port: number })[]): void {
    let count = countLines(this.lines);
    // The order only matters once lines have to be dropped.
    let isChanged = count >= MAX_LINES;
    for (const { port, ...place } of claims) {
      const key = keyOf(place);
      if (find(this.lines, key)[1] === String(port) && !isChanged) continue;
      isChanged = true;
      this.drop(key);
      const other = this.lineOf(port);
      if (other) this.drop(this.lines.slice(other.start, other.keyEnd));
      this.lines += `${key}${port},`;
      count = countLines(this.lines);
    }
    if (isChanged) this.save(count);
  }

  /** Forgets the ports of released claims. */
  forget(claims: readonly (Place & { port: number })[]): void {
    const before = this.lines;
    for (const claim of claims) if (this.portOf(claim) === claim.port) this.drop(keyOf(claim));
    if (this.lines !== before) this.save(0);
  }

  private drop(key: string): void {
    const [start, , end] = find(this.lines, key);
    this.lines = this.lines.slice(0, start) + this.lines.slice(end);
  }

  /** Where the line of a port starts, and where its key ends. */
  private lineOf(port: number): { start: number; keyEnd: number } | undefined {
    const keyEnd = this.lines.indexOf(`": ${port},`);
    if (keyEnd < 0) return undefined;
    return { start: this.lines.lastIndexOf("\n", keyEnd), keyEnd: keyEnd + '": '.length };
  }

  private save(count: number): void {
    const { machine, home } = this;
    const text = `{${withoutOldest(this.lines, count - MAX_LINES).slice(0, -1)}\n}`;
    try {
      if (this.isBroken) machine.files.remove(home.portHistory);
      // In place: renaming over a file makes ext4 write it to the disk first, which takes as long as fsync.
      machine.files.overwrite(home.portHistory, text);
    } catch {
      // The claim is valid without it.
    }
  }
}

function isDirectory({ files }: Machine, path: string): boolean {
  return (
    unless(["ENOENT", "ENOTDIR", "EACCES"], () => files.stat(`${path}/.`))?.kind === "directory"
  );
}

function linesOf(text: string): string {
  // A crash may leave the rest of a longer text behind, and with it a second closing bracket.
  const isOurs = text.startsWith('{\n "') && text.indexOf("\n}") === text.length - 2;
  return isOurs ? `${text.slice(1, -2)},` : linesOfAny(text);
}

function linesOfAny(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    const ports = Object.entries(isObject ? value : {}).filter(([, port]) => isPort(port));
    return ports.map(([key, port]) => `\n ${JSON.stringify(key)}: ${port},`).join("");
  } catch {
    return "";
  }
}

/** Where a line starts, its port, and where it ends. */
function find(lines: string, key: string): [start: number, port: string, end: number] {
  const start = lines.indexOf(key);
  if (start < 0) return [lines.length, "", lines.length];
  const next = lines.indexOf(",\n", start);
  const end = next < 0 ? lines.length : next + 1;
  return [start, lines.slice(start + key.length, end - 1), end];
}

/** The directory of a line's key; "" for a key that another program wrote. */
function directoryOf(key: string): string {
  try {
    const parts: unknown = JSON.parse(JSON.parse(key.trim().slice(0, -1)) as string);
    return Array.isArray(parts) && typeof parts[2] === "string" ? parts[2] : "";
  } catch {
    return "";
  }
}

/** The number of lines; 0 for a text that is too short to have too many. */
function countLines(lines: string): number {
  return lines.length < MAX_LINES * MIN_LINE_LENGTH ? 0 : lines.split("\n").length - 1;
}

/** Drops the first `count` lines, if `count` is above 0. */
function withoutOldest(lines: string, count: number): string {
  let start = 0;
  for (let i = count; i > 0; i--) start = lines.indexOf(",\n", start) + 1;
  return lines.slice(start);
}
