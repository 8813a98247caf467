import { isPort, type Lease } from "../model/claim.ts";

/** Ports from the first to the last, both included. */
export interface Range {
  first: number;
  last: number;
}

/** What config.toml says, with the defaults for what it doesn't. */
export interface Config {
  range: Range;
  /** Ports that are never chosen; a caller may still prefer one. */
  exclude: ReadonlySet<number>;
  /** Seconds in which a port that was acquired and not bound yet is not free game. */
  grace: number;
  projects: ReadonlyMap<string, { prefer?: number; range?: Range }>;
  services: ReadonlyMap<string, { port?: number; lease?: Lease }>;
}

/** The dashboard's own port, never chosen for anybody else. */
export const DASHBOARD_PORT = 8484;

export const DEFAULTS: Config = {
  range: { first: 3000, last: 9999 },
  exclude: new Set([DASHBOARD_PORT]),
  grace: 600,
  projects: new Map(),
  services: new Map(),
};

/** "3000-9999" as a range; `undefined` if it is none, reversed or outside 1–65535. */
export function parseRange(text: string): Range | undefined {
  const [, first, last] = /^\s*(\d{1,5})\s*-\s*(\d{1,5})\s*$/.exec(text) ?? [];
  const range = { first: Number(first), last: Number(last) };
  return isPort(range.first) && isPort(range.last) && range.first <= range.last ? range : undefined;
}
