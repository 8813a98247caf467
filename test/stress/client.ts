/** What came of asking for a port: the port, that there is none, or that the call was killed. */
export type Granted = number | "none" | "killed";

/** One of the ways in which portclaim is called. */
export interface Client extends AsyncDisposable {
  readonly name: "cli" | "library" | "mcp";
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

/** Kills a process after so many milliseconds, unless it is called off before. */
export function killIn(child: Bun.Subprocess, dies: number | undefined): () => void {
  if (dies === undefined) return () => {};
  const timer = setTimeout(() => child.kill("SIGKILL"), dies);
  return () => clearTimeout(timer);
}
