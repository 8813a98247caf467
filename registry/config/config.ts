import { isPort, type Lease } from "../model/claim.ts";

/** A range of ports, both ends included. */
export interface Range {
  first: number;
  last: number;
}

/** The settings in config.toml, with defaults for missing ones. */
export interface Config {
  range: Range;
  /** Ports that are never chosen, unless the caller prefers one. */
  exclude: ReadonlySet<number>;
  /** Seconds for which a claimed port that nothing listens on stays reserved. */
  grace: number;
  /** Whether the guard judges agents' commands. */
  guard: boolean;
  projects: ReadonlyMap<string, { prefer?: number; range?: Range }>;
  services: ReadonlyMap<string, { port?: number; lease?: Lease }>;
}

/** The dashboard's port, never chosen for anything else. */
export const DASHBOARD_PORT = 8484;

export const DEFAULTS: Config = {
  range: { first: 3000, last: 9999 },
  exclude: new Set([DASHBOARD_PORT]),
  grace: 600,
  guard: true,
  projects: new Map(),
  services: new Map(),
};

/** Parses "3000-9999"; `undefined` if the range is invalid, reversed, or outside 1–65535. */
export function parseRange(text: string): Range | undefined {
  const [, first, last] = /^\s*(\d{1,5})\s*-\s*(\d{1,5})\s*$/.exec(text) ?? [];
  const range = { first: Number(first), last: Number(last) };
  return isPort(range.first) && isPort(range.last) && range.first <= range.last ? range : undefined;
}
