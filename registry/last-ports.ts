import { isPort } from "./claim.ts";
import type { Home } from "./home.ts";
import type { Machine } from "./machine.ts";

const MOST = 1000;
const LARGEST = 512 * 1024;

const keyOf = (project: string, service: string, cwd: string) =>
  JSON.stringify([project, service, cwd]);

/** Ports by project, service and directory, the newest last. */
export interface LastPorts {
  ports: Record<string, unknown>;
  /** What the file holds; "" if there is none. */
  text: string;
}

/** Reads what is remembered; it is advice, so what can't be read has no say. */
export function readLastPorts(machine: Machine, home: Home): LastPorts {
  try {
    const text = machine.files.readIfThere(home.lastPorts, LARGEST);
    if (text === undefined) return { ports: {}, text: "" };
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { ports: value as Record<string, unknown>, text };
    }
  } catch {
    // As above.
  }
  return { ports: {}, text: "?" };
}

/** The port that a service of a project had last in a directory. */
export function lastPort(
  last: LastPorts,
  project: string,
  service: string,
  cwd: string,
): number | undefined {
  const port = last.ports[keyOf(project, service, cwd)];
  return isPort(port) ? port : undefined;
}

/** Remembers ports, the newest last. Only under the lock; a failure costs nothing but advice. */
export function rememberPorts(
  machine: Machine,
  home: Home,
  before: LastPorts,
  claims: readonly { port: number; project: string; service: string; cwd?: string }[],
): void {
  const after = before.ports;
  // Who was here last matters only where some must be forgotten.
  let isNews = Object.keys(after).length >= MOST;
  for (const { port, project, service, cwd = "" } of claims) {
    const key = keyOf(project, service, cwd);
    if (after[key] === port && !isNews) continue;
    isNews = true;
    delete after[key];
    after[key] = port;
  }
  if (!isNews) return;
  forgetOldest(after);
  const text = JSON.stringify(after, null, 1);
  try {
    // Not renamed over the old one: for that ext4 writes the new one to the disk first, as long as an fsync.
    if (before.text !== "") machine.files.remove(home.lastPorts);
    machine.files.create(home.lastPorts, text, false);
  } catch {
    // The port is claimed all the same.
  }
}

/** Forgets the oldest of too many. */
function forgetOldest(ports: Record<string, unknown>): void {
  const keys = Object.keys(ports);
  for (let i = 0; i < keys.length - MOST; i++) delete ports[keys[i] ?? ""];
}
