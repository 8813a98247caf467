import type { Claim, ClaimView } from "./claim.ts";

/**
 * Where a claim's server is reached: on the port that it really listens on. `undefined` if only foreign
 * processes listen.
 */
export function urlOf({ port, state, elsewhere }: Claim & Partial<ClaimView>): string | undefined {
  const [first] = elsewhere ?? [];
  if (first === undefined && state === "occupied") return undefined;
  return localUrl(first?.port ?? port);
}

/** The URL of a port on this machine. */
export function localUrl(port: number): string {
  return `http://localhost:${port}`;
}

/** A claim with its URL, as all commands print it. */
export function withUrl<T extends Claim>(claim: T): T & { url?: string } {
  const url = urlOf(claim);
  return url === undefined ? claim : { ...claim, url };
}
