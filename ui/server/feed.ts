import type { ClaimView } from "../../registry/model/claim.ts";
import type { ClaimEvent } from "../../registry/model/event.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { type WatchUpdate, watchClaims } from "../../registry/watch/watch.ts";
import type { PastEvent, Pool, Snapshot } from "../page/wire.ts";
import type { Visitor } from "./guard.ts";
import { identityFor } from "./identity.ts";
import { pastEvents } from "./past-events.ts";
import { fingerprint, poolOf, unknownPool } from "./pool.ts";
import { redactClaim, redactEvent, redactUnclaimed } from "./redact.ts";

/** How many past events a new page gets, of each kind. */
const RECENT = 100;
/** Milliseconds between pings; a page that misses two of them reconnects. */
const PING = 15_000;

/** Sends a server-sent event to a page; returns `false` if the page has disconnected. */
type Send = (text: string) => boolean;

/** What all open pages are sent. The registry is read once for all of them, and not at all while none is open. */
export class Feed {
  readonly #pages = new Map<Send, Visitor>();
  #claims: ClaimView[] = [];
  #pool: Pool;
  #registry: Registry | undefined;
  /** What happened before the first page was opened, and since then. */
  #history: PastEvent[] = [];
  #recent: ClaimEvent[] = [];
  #end: AbortController | undefined;

  constructor(
    readonly open: () => Promise<Registry>,
    readonly port: number,
    /** The version of the page that this server serves. */
    readonly page: string,
    /** The agents that `setup` could set up. */
    readonly agents: readonly string[] = [],
  ) {
    this.#pool = unknownPool(port, "");
  }

  /** Sends a page the current state, then each change; returns how to unsubscribe. */
  subscribe(send: Send, visitor: Visitor): () => void {
    this.#pages.set(send, visitor);
    if (this.#end === undefined) void this.#run();
    else if (this.#registry) this.#send(send, this.#snapshot(this.#registry, visitor));
    else if (this.#pool.problem) this.#send(send, message(poolFor(this.#pool, visitor), "pool"));
    return () => this.#remove(send);
  }

  #remove(send: Send): void {
    this.#pages.delete(send);
    if (this.#pages.size > 0) return;
    this.#end?.abort();
    this.#end = undefined;
    this.#registry = undefined;
  }

  async #run(): Promise<void> {
    const end = new AbortController();
    this.#end = end;
    const ping = setInterval(() => this.#broadcast(() => "event: ping\ndata:\n\n"), PING);
    const onError = (error: unknown) => this.#report(error);
    try {
      for await (const update of watchClaims(this.open, { signal: end.signal, onError })) {
        if (end.signal.aborted) break;
        this.#update(update);
      }
    } finally {
      clearInterval(ping);
    }
  }

  #update(update: WatchUpdate): void {
    const pool = this.#poolOf(update);
    const isFirst = this.#registry === undefined;
    if (isFirst) {
      this.#history = pastEvents(update.registry, { limit: RECENT });
      this.#recent = [];
    }
    const hasPoolChanged = fingerprint(pool) !== fingerprint(this.#pool);
    this.#claims = update.claims;
    this.#registry = update.registry;
    this.#pool = pool;
    this.#recent = [...this.#recent, ...update.events].slice(-RECENT);
    if (isFirst) return this.#broadcast((visitor) => this.#snapshot(update.registry, visitor));
    for (const event of update.events) {
      this.#broadcast((visitor) => message(eventFor(event, visitor)));
    }
    if (hasPoolChanged) this.#broadcast((visitor) => message(poolFor(pool, visitor), "pool"));
  }

  #poolOf(update: WatchUpdate): Pool {
    try {
      return poolOf(update, this.port);
    } catch (error) {
      return { ...this.#pool, problem: problemOf(error) };
    }
  }

  #report(error: unknown): void {
    const problem = problemOf(error);
    if (problem === this.#pool.problem) return;
    this.#pool = { ...this.#pool, problem };
    this.#broadcast((visitor) => message(poolFor(this.#pool, visitor), "pool"));
  }

  #snapshot(registry: Registry, visitor: Visitor): string {
    const claims = this.#claims;
    const snapshot: Snapshot = {
      page: this.page,
      mayChange: visitor.isTrusted,
      identity: identityFor(registry, this.agents, visitor),
      claims: visitor.isTrusted ? claims : claims.map(redactClaim),
      history: visitor.isTrusted ? this.#history : [],
      recent: this.#recent.map((event) => eventFor(event, visitor)),
      pool: poolFor(this.#pool, visitor),
    };
    return message(snapshot, "snapshot");
  }

  /** Sends every page a message, which is written once for each kind of visitor. */
  #broadcast(write: (visitor: Visitor) => string): void {
    const texts = new Map<boolean, string>();
    for (const [send, visitor] of this.#pages) {
      const text = texts.get(visitor.isTrusted) ?? write(visitor);
      texts.set(visitor.isTrusted, text);
      this.#send(send, text);
    }
  }

  #send(send: Send, text: string): void {
    if (!send(text)) this.#remove(send);
  }
}

const problemOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function message(data: unknown, name?: string): string {
  return `${name ? `event: ${name}\n` : ""}data: ${JSON.stringify(data)}\n\n`;
}

function eventFor(event: ClaimEvent, { isTrusted }: Visitor): ClaimEvent {
  return isTrusted ? event : redactEvent(event);
}

function poolFor(pool: Pool, { isTrusted }: Visitor): Pool {
  if (isTrusted) return pool;
  const problem = pool.problem && "cannot read the registry";
  return { ...pool, problem, branches: {}, unclaimed: pool.unclaimed.map(redactUnclaimed) };
}
