import type { ClaimView } from "../../registry/model/claim.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { type ClaimEvent, type WatchUpdate, watchClaims } from "../../registry/watch/watch.ts";
import type { Pool, Snapshot } from "../page/wire.ts";
import type { Visitor } from "./guard.ts";
import { fingerprint, poolOf, unknownPool } from "./pool.ts";
import { redactClaim, redactUnclaimed } from "./redact.ts";

/** How many events a page that is opened now gets told of. */
const RECENT = 50;
/** Milliseconds; a page that hears nothing for longer than two of these takes the line for cut. */
export const PING = 15_000;

/** Hands over a text of server-sent events; `false` if nobody takes it any more. */
type Send = (text: string) => boolean;

/**
 * What all open pages are told. However many there are, the registry is looked at once for all of
 * them, and not at all while there is none.
 */
export class Feed {
  readonly #pages = new Map<Send, Visitor>();
  #claims: ClaimView[] | undefined;
  #pool: Pool;
  #recent: ClaimEvent[] = [];
  #end: AbortController | undefined;

  constructor(
    readonly open: () => Promise<Registry>,
    readonly port: number,
    /** Which page is served. */
    readonly page: string,
  ) {
    this.#pool = unknownPool(port, "");
  }

  /** Tells a page everything, then what happens; returns how to stop. */
  subscribe(send: Send, visitor: Visitor): () => void {
    this.#pages.set(send, visitor);
    if (this.#end === undefined) void this.#run();
    else if (this.#claims) this.#send(send, this.#snapshot(visitor));
    else if (this.#pool.problem) this.#send(send, message(poolFor(this.#pool, visitor), "pool"));
    return () => this.#leave(send);
  }

  #leave(send: Send): void {
    this.#pages.delete(send);
    if (this.#pages.size > 0) return;
    this.#end?.abort();
    this.#end = undefined;
    this.#claims = undefined;
  }

  async #run(): Promise<void> {
    const end = new AbortController();
    this.#end = end;
    const ping = setInterval(() => this.#tell(() => "event: ping\ndata:\n\n"), PING);
    const onError = (error: unknown) => this.#fail(error);
    try {
      for await (const look of watchClaims(this.open, { signal: end.signal, onError })) {
        if (end.signal.aborted) break;
        this.#take(look);
      }
    } finally {
      clearInterval(ping);
    }
  }

  #take(look: WatchUpdate): void {
    const pool = this.#poolOf(look);
    const isFirst = this.#claims === undefined;
    const isNews = fingerprint(pool) !== fingerprint(this.#pool);
    this.#claims = look.claims;
    this.#pool = pool;
    this.#recent = [...this.#recent, ...look.events].slice(-RECENT);
    if (isFirst) return this.#tell((visitor) => this.#snapshot(visitor));
    for (const event of look.events) this.#tell((visitor) => message(eventFor(event, visitor)));
    if (isNews) this.#tell((visitor) => message(poolFor(pool, visitor), "pool"));
  }

  #poolOf(look: WatchUpdate): Pool {
    try {
      return poolOf(look, this.port);
    } catch (error) {
      return { ...this.#pool, problem: problemOf(error) };
    }
  }

  #fail(error: unknown): void {
    const problem = problemOf(error);
    if (problem === this.#pool.problem) return;
    this.#pool = { ...this.#pool, problem };
    this.#tell((visitor) => message(poolFor(this.#pool, visitor), "pool"));
  }

  #snapshot(visitor: Visitor): string {
    const claims = this.#claims ?? [];
    const snapshot: Snapshot = {
      page: this.page,
      mayChange: visitor.isHome,
      claims: visitor.isHome ? claims : claims.map(redactClaim),
      recent: this.#recent.map((event) => eventFor(event, visitor)),
      pool: poolFor(this.#pool, visitor),
    };
    return message(snapshot, "snapshot");
  }

  /** Writes a message once for each kind of visitor. */
  #tell(write: (visitor: Visitor) => string): void {
    const texts = new Map<boolean, string>();
    for (const [send, visitor] of this.#pages) {
      const text = texts.get(visitor.isHome) ?? write(visitor);
      texts.set(visitor.isHome, text);
      this.#send(send, text);
    }
  }

  #send(send: Send, text: string): void {
    if (!send(text)) this.#leave(send);
  }
}

const problemOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function message(data: unknown, name?: string): string {
  return `${name ? `event: ${name}\n` : ""}data: ${JSON.stringify(data)}\n\n`;
}

function eventFor(event: ClaimEvent, { isHome }: Visitor): ClaimEvent {
  return isHome ? event : { ...event, claim: redactClaim(event.claim) };
}

function poolFor(pool: Pool, { isHome }: Visitor): Pool {
  if (isHome) return pool;
  const problem = pool.problem && "the registry can't be read";
  return { ...pool, problem, strangers: pool.strangers.map(redactUnclaimed) };
}
