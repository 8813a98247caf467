import { kill } from "../processes.ts";

/** What came of asking for a port: the port, that there is none, or that the call was killed. */
export type Granted = number | "none" | "killed";

/** The ways in which portclaim is called: the program, the npm package, the library on Bun and on Node, and MCP. */
export const WAYS = ["cli", "npm", "library", "node", "mcp"] as const;

export type Way = (typeof WAYS)[number];

/** One of the ways in. */
export interface Client extends AsyncDisposable {
  readonly name: Way;
  /** Claims a port. `dies`: milliseconds after which what carries the call is killed. */
  acquire(service: string, prefer: number | undefined, dies: number | undefined): Promise<Granted>;
  release(port: number, dies: number | undefined): Promise<"done" | "killed">;
  /** Reads every claim: their ports. */
  list(): Promise<number[]>;
  /** Whether the claims it made end with what carries its calls. */
  readonly ownsClaims: boolean;
}

/** An answer that no fault of the run explains. */
export class Unexpected extends Error {
  override name = "Unexpected";
}

/** Kills a process, or a group if negative, after so many milliseconds, unless it is called off before. */
export function killIn(pid: number, dies: number | undefined): () => void {
  if (dies === undefined) return () => {};
  const timer = setTimeout(() => kill(pid), dies);
  return () => clearTimeout(timer);
}
