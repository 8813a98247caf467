import type { Registry } from "../registry/store/registry.ts";

/** What the server is told by whoever starts it: it knows no transport, arguments or variables. */
export interface Host {
  version: string;
  /** Opens the registry anew for each call, so that a changed config counts at once. */
  open(): Promise<Registry>;
  /** The agent's name where the environment says it; else the client's own name counts. */
  agent: string | undefined;
  /** The server's directory, which stands in for a client that tells none of its own. */
  directory(): string;
  /** Somebody who reads what goes wrong; never the client. */
  log(text: string): void;
}
