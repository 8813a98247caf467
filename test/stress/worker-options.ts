import type { Way } from "./client.ts";

/** What a worker is told; the registry and the directory are those of its environment. */
export interface WorkerOptions {
  name: string;
  client: Way;
  /** Where the npm package is installed. */
  modules: string;
  seed: number;
  operations: number;
  /** Of all operations, so many are killed at a moment that is drawn too. */
  deaths: number;
  journal: string;
  claims: string;
  /** Ports that it may prefer. */
  range: { first: number; last: number };
}
