import type { Machine } from "../../native/machine.ts";
import type { Home } from "../config/home.ts";
import { isPort, parseDigits } from "../model/claim.ts";

const MOST = 1000;
const LARGEST = 512 * 1024;
/** No line is shorter: so short a text can't hold too many. */
const SHORTEST_LINE = 20;

/** Ports by project, service and directory: advice, so what can't be read has no say. */
export interface PortHistory {
  /**
   * The lines of the file's JSON, the newest last, each with its comma. They are searched and
   * changed as text: to parse a thousand takes longer than all else that an acquire does with them.
   */
  lines: string;
  /** What is there is no file that can be read, and must go. */
  inTheWay: boolean;
}

const keyOf = (project: string, service: string, cwd: string) =>
  `\n ${JSON.stringify(JSON.stringify([project, service, cwd]))}: `;

/** Reads what is remembered. */
export function readPortHistory(machine: Machine, home: Home): PortHistory {
  try {
    const text = machine.files.readIfThere(home.portHistory, LARGEST);
    return { lines: text === undefined ? "" : linesOf(text), inTheWay: false };
  } catch {
    return { lines: "", inTheWay: true };
  }
}

function linesOf(text: string): string {
  // The end of a longer text that a crash left behind would be a second end.
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

/** Where a line begins, its port, and where it ends. */
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

/** Remembers ports, the newest last. Only under the lock; a failure costs nothing but advice. */
export function rememberPorts(
  machine: Machine,
  home: Home,
  before: PortHistory,
  claims: readonly { port: number; project: string; service: string; cwd?: string }[],
): void {
  let { lines } = before;
  let count = countLines(lines);
  // Who was here last matters only where some must be forgotten.
  let isNews = count >= MOST;
  for (const { port, project, service, cwd = "" } of claims) {
    const key = keyOf(project, service, cwd);
    const [start, last, end] = find(lines, key);
    if (last === String(port) && !isNews) continue;
    isNews = true;
    if (last === "") count++;
    lines = `${lines.slice(0, start)}${lines.slice(end)}${key}${port},`;
  }
  if (!isNews) return;
  const text = `{${withoutOldest(lines, count - MOST).slice(0, -1)}\n}`;
  try {
    if (before.inTheWay) machine.files.remove(home.portHistory);
    // In place: ext4 has a file that is renamed over another on the disk first, as long as an fsync.
    machine.files.overwrite(home.portHistory, text);
  } catch {
    // The port is claimed all the same.
  }
}

/** How many lines there are; 0 for a text that is too short for too many. */
function countLines(lines: string): number {
  return lines.length < MOST * SHORTEST_LINE ? 0 : lines.split("\n").length - 1;
}

/** Forgets as many lines from the start, where `count` is above 0. */
function withoutOldest(lines: string, count: number): string {
  let start = 0;
  for (let i = count; i > 0; i--) start = lines.indexOf(",\n", start) + 1;
  return lines.slice(start);
}
