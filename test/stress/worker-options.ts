import type { Face } from "./client.ts";

/** What a worker is told; the registry and the directory are those of its environment. */
export interface Orders {
  name: string;
  face: Face["name"];
  seed: number;
  operations: number;
  /** Portclaim, as arguments to spawn. */
  command: string[];
  journal: string;
  claims: string;
  /** Ports that it may prefer. */
  range: { first: number; last: number };
}
