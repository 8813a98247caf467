import { existsSync, readFileSync } from "node:fs";
import type { Server } from "node:net";
import type { Claim } from "../../registry/model/claim.ts";
import type { Journal } from "./journal.ts";
import type { Random } from "./random.ts";
import type { RunServer } from "./run-server.ts";
import { close } from "./server.ts";

/** A port that was promised and not given back. */
export interface Promised {
  port: number;
  claim: string;
  /** The process that it was claimed for, if not this one. */
  owner?: Bun.Subprocess | undefined;
  server?: Server | undefined;
  /** The server that `run` started with the claim. */
  run?: RunServer;
  /** Its owner was killed: it lives as long as its server now. */
  orphaned?: boolean;
}

type Test = (held: Promised) => unknown;

/** The ports that a worker was promised, each written down as it comes and goes. */
export class Promises {
  readonly #held = new Map<string, Promised>();

  constructor(
    readonly journal: Journal,
    readonly random: Random,
    /** The directory of the claim files. */
    readonly claims: string,
  ) {}

  get size(): number {
    return this.#held.size;
  }

  all(test: Test = () => true): Promised[] {
    return [...this.#held.values()].filter(test);
  }

  pick(test: Test): Promised | undefined {
    return this.random.pick(this.all(test));
  }

  /** `since`: when the call began, by the monotonic clock. */
  add(since: number, held: Promised): void {
    const { port, claim } = held;
    this.journal.write({ do: "promised", since, port, claim });
    this.#held.set(claim, held);
  }

  end({ port, claim }: Promised): void {
    if (this.#held.delete(claim)) this.journal.write({ do: "ended", port, claim });
  }

  /** The owner of these is about to be killed: those with a server follow it, the others end. */
  orphan(isOwners: Test): void {
    for (const held of this.all(isOwners)) {
      if (held.server) held.orphaned = true;
      else this.end(held);
    }
  }

  async close(held: Promised): Promise<void> {
    const { server, run, port, claim } = held;
    held.server = undefined;
    if (server || run) this.journal.write({ do: "closing", port, claim });
    if (server) await close(server);
    await run?.kill();
  }

  /** Fails if the file of a claim that was promised is not what it should be. */
  check({ port, claim }: Promised): void {
    const path = `${this.claims}/${port}.json`;
    const text = existsSync(path) ? readFileSync(path, "utf8") : "null";
    const found = (JSON.parse(text) as Claim | null)?.service;
    if (found === claim) return;
    const what = `${port} was promised to ${claim}, its claim says ${found}`;
    this.journal.write({ do: "violation", what });
  }
}
