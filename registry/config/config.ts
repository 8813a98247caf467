import { isPort, type Lease } from "../model/claim.ts";

/** Ports from the first to the last, both included. */
export interface Range {
  first: number;
  last: number;
}

/** The settings of config.toml, with the defaults for those that it leaves out. */
export interface Config {
  range: Range;
  /** Ports that are never chosen. A caller may still prefer one. */
  exclude: ReadonlySet<number>;
  /** Seconds for which a claimed port that nothing listens on stays reserved. */
  grace: number;
  projects: ReadonlyMap<string, { prefer?: number; range?: Range }>;
  services: ReadonlyMap<string, { port?: number; lease?: Lease }>;
}

/** The dashboard's port, never chosen for anything else. */
export const DASHBOARD_PORT = 8484;

export const DEFAULTS: Config = {
  range: { first: 3000, last: 9999 },
  exclude: new Set([DASHBOARD_PORT]),
  grace: 600,
  projects: new Map(),
  services: new Map(),
};

/** Reads "3000-9999"; `undefined` if the text is no range, reversed, or outside 1–65535. */
export function parseRange(text: string): Range | undefined {
  const [, first, last] = /^\s*(\d{1,5})\s*-\s*(\d{1,5})\s*$/.exec(text) ?? [];
  const range = { first: Number(first), last: Number(last) };
  return isPort(range.first) && isPort(range.last) && range.first <= range.last ? range : undefined;
}
