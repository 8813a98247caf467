import type { Machine } from "../../native/machine.ts";
import type { Home } from "../config/home.ts";
import { isPort, parseDigits } from "../model/claim.ts";

const MAX_LINES = 1000;
const MAX_SIZE = 512 * 1024;
/** Characters. A text of fewer than MAX_LINES times as many can't have too many lines. */
const MIN_LINE_LENGTH = 20;

/** The port that each (project, service, directory) had last. Only advice: an unreadable file counts as empty. */
export interface PortHistory {
  /**
   * The lines of the file's JSON, the newest last, each with its comma. startup: they are searched
   * and changed as text, as parsing a thousand takes longer than everything else done with them.
   */
  lines: string;
  /** The path is no readable file, and must be removed first. */
  isBroken: boolean;
}

const keyOf = (project: string, service: string, cwd: string) =>
  `\n ${JSON.stringify(JSON.stringify([project, service, cwd]))}: `;

/** Reads the ports that services had last. */
export function readPortHistory(machine: Machine, home: Home): PortHistory {
  try {
    const text = machine.files.readIfThere(home.portHistory, MAX_SIZE);
    return { lines: text === undefined ? "" : linesOf(text), isBroken: false };
  } catch {
    return { lines: "", isBroken: true };
  }
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
  const start = lines.lastIndexOf(key);
  if (start < 0) return [lines.length, "", lines.length];
  const next = lines.indexOf(",\n", start);
  const end = next < 0 ? lines.length : next + 1;
  return [start, lines.slice(start + key.length, end - 1), end];
}

/** The port that a service of a project had last in a directory. */
export function lastPort(
  { lines }: PortHistory,
  project: string,
  service: string,
  cwd: string,
): number | undefined {
  const port = parseDigits(find(lines, keyOf(project, service, cwd))[1]);
  return isPort(port) ? port : undefined;
}

/** Remembers the ports of claims, the newest last. Needs the lock. A failure is ignored: it is advice. */
export function rememberPorts(
  machine: Machine,
  home: Home,
  before: PortHistory,
  claims: readonly { port: number; project: string; service: string; cwd?: string }[],
): void {
  let { lines } = before;
  let count = countLines(lines);
  // The order matters only where lines must be dropped.
  let isChanged = count >= MAX_LINES;
  for (const { port, project, service, cwd = "" } of claims) {
    const key = keyOf(project, service, cwd);
    const [start, last, end] = find(lines, key);
    if (last === String(port) && !isChanged) continue;
    isChanged = true;
    if (last === "") count++;
    lines = `${lines.slice(0, start)}${lines.slice(end)}${key}${port},`;
  }
  if (!isChanged) return;
  const text = `{${withoutOldest(lines, count - MAX_LINES).slice(0, -1)}\n}`;
  try {
    if (before.isBroken) machine.files.remove(home.portHistory);
    // In place: renaming over a file makes ext4 write it to the disk first, which takes as long as fsync.
    machine.files.overwrite(home.portHistory, text);
  } catch {
    // The port is claimed all the same.
  }
}

/** The number of lines; 0 for a text that is too short to have too many. */
function countLines(lines: string): number {
  return lines.length < MAX_LINES * MIN_LINE_LENGTH ? 0 : lines.split("\n").length - 1;
}

/** Drops that many lines from the start, if `count` is above 0. */
function withoutOldest(lines: string, count: number): string {
  let start = 0;
  for (let i = count; i > 0; i--) start = lines.indexOf(",\n", start) + 1;
  return lines.slice(start);
}
