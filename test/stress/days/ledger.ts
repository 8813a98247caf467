import { AsyncLocalStorage } from "node:async_hooks";
import { appendFileSync } from "node:fs";
import { monotonic } from "../../../native/linux/clock.ts";
import type { Entry } from "../journal.ts";
import { Endings } from "./endings.ts";
import { claimFile, claimFiles, pastOf } from "./evidence.ts";
import { type Aimed, lostClaim } from "./judge.ts";
import {
  type Ending,
  isAimedAt,
  isServer,
  nameOf,
  type Promised,
  type Server,
  type Worker,
} from "./known.ts";
import { isRunning } from "./machine.ts";

/** Lines of evidence. */
const RECENT = 40;
const LONGEST = 600;

type Unstamped = Entry extends infer T ? (T extends unknown ? Omit<T, "at"> : never) : never;

/** What the conductor knows of all agents' servers and claims, and what must not have been. */
export class Ledger {
  readonly servers = new Set<Server>();
  readonly promises = new Set<Promised>();
  readonly entries: Entry[] = [];
  /** What the guard answered, by kind. */
  readonly guard: Record<string, number> = {};
  /** Servers that `stop SERVICE` took for the service's own, and might. */
  taken = 0;
  /** What was done last, as evidence. */
  readonly #recent: string[] = [];
  readonly #where = new AsyncLocalStorage<string>();
  readonly #endings = new Endings((server, service) => this.#mayBeTaken(server, service));
  #count = 0;

  constructor(
    readonly claims: string,
    /** A file for all that is done, as it happens. */
    readonly trace?: string | undefined,
  ) {}

  write(entry: Unstamped, at = monotonic()): void {
    this.entries.push({ ...entry, at } as Entry);
  }

  /** Does something; what is found wrong meanwhile is told with where that was. */
  async during<T>(where: string, act: () => Promise<T>): Promise<T | undefined> {
    return await this.#where.run(where, async () => {
      try {
        return await act();
      } catch (error) {
        this.violation((error as Error).stack ?? String(error));
        return undefined;
      }
    });
  }

  /** Keeps a line as evidence for a while, and in the trace. */
  note(line: string): void {
    const stamped = `${monotonic().toFixed(3)} ${line.replaceAll(/\s+/g, " ")}`;
    if (this.trace) appendFileSync(this.trace, `${stamped}\n`);
    this.#recent.push(stamped.slice(0, LONGEST));
    if (this.#recent.length > RECENT) this.#recent.shift();
  }

  judged(kind: string): void {
    this.guard[kind] = (this.guard[kind] ?? 0) + 1;
  }

  violation(what: string): void {
    const evidence = this.#recent.map((line) => `\n      ${line}`).join("");
    const found = `${this.#where.getStore()}: ${what}`;
    this.note(`VIOLATION ${found}`);
    this.write({ do: "violation", what: `${found}${evidence}` });
  }

  /** `since`: when the call began. Nothing is promised where another call has ended the claim since. */
  promise(since: number, made: Pick<Promised, "port" | "service" | "place" | "holder">): void {
    const claim = `${made.service}#${this.#count}`;
    const claimedAt = claimFile(this.claims, made.port)?.claimed_at;
    const promised: Promised = { ...made, claim, claimedAt, doubts: 0 };
    if (this.#endings.over(promised, since) && this.#isLost(promised)) return;
    this.#count++;
    for (const known of this.promises) if (known.port === made.port) this.#giveUp(known, since);
    this.promises.add(promised);
    this.#endings.doubt(promised);
    this.write({ do: "promised", since, port: made.port, claim: promised.claim });
  }

  /** A call since then has handed out its port: a violation, unless another call may have ended the claim. */
  #giveUp(known: Promised, since: number): void {
    const doubted = known.since ?? (isServer(known.holder) ? known.holder.since : undefined);
    const endedAt = doubted ?? this.#endings.over(known, since)?.from;
    if (endedAt !== undefined) return this.end(known, endedAt);
    this.violation(`${known.port} was handed out while ${known.claim} of ${nameOf(known)} had it`);
  }

  on(port: number): Promised | undefined {
    return [...this.promises].find((one) => one.port === port);
  }

  /** Does what may end these, and looks afterwards what it has ended: also of what began meanwhile. */
  async mayEnd<T>(aims: Ending["aims"], act: () => Promise<T>): Promise<T> {
    const ending = this.#endings.begin(aims, [...this.promises, ...this.servers]);
    try {
      return await act();
    } finally {
      for (const one of this.#endings.finish(ending)) {
        this.#lookAgain(one);
        if (isServer(one) && !isAimedAt(aims, one) && !this.servers.has(one)) this.taken++;
      }
    }
  }

  /**
   * Whether `stop SERVICE` may take a server for the service's own, on another port: one without a claim whose agent has
   * a claim of the service, or had no session and has left.
   */
  #mayBeTaken(server: Server, service: string): boolean {
    const { process, session, hasLeft } = server.worker;
    const held = this.on(server.claimed);
    const isHeld = held?.holder === server || held?.holder === server.worker;
    if (isHeld && !this.#endings.mayBeReleased(held)) return false;
    if (hasLeft && session === undefined) return true;
    const made = claimFiles(this.claims).filter((file) => file?.service === service);
    return made.some(
      (file) => file?.pid === process.pid || (session && file?.owner?.session === session),
    );
  }

  /** Whether a call since then may have ended a server that was only starting. */
  mayHaveEnded(starting: Aimed, since: number): boolean {
    return this.#endings.mayHaveEnded(starting, since);
  }

  add(server: Server): void {
    this.servers.add(server);
    this.#endings.doubt(server);
  }

  #lookAgain(one: Server | Promised): void {
    const { since } = one;
    one.since = undefined;
    if ("holder" in one) {
      const isHeld = !("kind" in one.holder) || isRunning(one.holder.process);
      if (!isHeld || this.#isLost(one)) this.end(one, since);
    } else if (!isRunning(one.process)) {
      this.servers.delete(one);
      for (const held of this.promises)
        if (held.holder === one && !held.doubts) this.end(held, since);
    }
  }

  end(promised: Promised, at = monotonic()): void {
    const { port, claim } = promised;
    if (this.promises.delete(promised)) this.write({ do: "ended", port, claim }, at);
  }

  /** The agent is about to end: its servers keep its claims. */
  leave(worker: Worker): void {
    worker.hasLeft = true;
    for (const promised of this.promises) {
      if (promised.holder !== worker) continue;
      const { port, place } = promised;
      const server = [...this.servers].find(
        (one) => one.port === port && one.place === place && isRunning(one.process),
      );
      if (server) {
        const file = claimFile(this.claims, port);
        if (file?.pid === worker.process.pid) promised.claimedAt = file.claimed_at;
        promised.holder = server;
      } else this.end(promised);
    }
    for (const server of this.servers) if (server.worker === worker) this.#endings.doubt(server);
  }

  #isLost(promised: Promised): string | undefined {
    try {
      const { holder } = promised;
      const pid = isServer(holder) ? undefined : holder.process.pid;
      return lostClaim({ ...promised, pid }, claimFile(this.claims, promised.port));
    } catch (error) {
      return `the claim of ${promised.port} can't be read: ${String(error)}`;
    }
  }

  #isInDoubt({ holder, doubts }: Promised): boolean {
    return doubts > 0 || (isServer(holder) && holder.doubts > 0);
  }

  /** Everything that is relied on must be there. */
  check(): void {
    for (const server of this.servers) {
      if (server.doubts > 0 || isRunning(server.process)) continue;
      this.servers.delete(server);
      const { kind, id, worker, place, service, claimed, port, process } = server;
      const what = `${kind} ${id} (${service}, claimed ${claimed}, on ${port}, pid ${process.pid})`;
      const past = pastOf(this.claims, [claimed, port], process.pid);
      this.violation(
        `${what} of ${worker.name} in ${place.cwd} ended, though no one ended it${past.join("")}`,
      );
    }
    for (const promised of this.promises) {
      if (this.#isInDoubt(promised)) continue;
      const lost = this.#isLost(promised);
      if (lost === undefined) continue;
      this.end(promised);
      this.violation(`${lost}; it is of ${nameOf(promised)}`);
    }
  }
}
