import type { ClaimView } from "../../../registry/model/claim.ts";
import type { ClaimEvent } from "../../../registry/watch/watch.ts";
import { PORTCLAIM, until, type World } from "../../harness.ts";

/** What identifies a claim, and its state; what is measured anew at each look is left out. */
const facts = ({ port, pid, service, project, claimed_at, state }: ClaimView) => ({
  port,
  pid,
  service,
  project,
  claimed_at,
  state,
});

export type Facts = ReturnType<typeof facts>;

/** A running `portclaim watch --json`, and what it has printed. */
export class Watcher {
  readonly events: ClaimEvent[] = [];
  err = "";
  readonly process: Bun.Subprocess<"pipe", "pipe", "pipe">;
  /** Settles once it prints no more. */
  readonly ended: Promise<void>;

  constructor(
    readonly world: World,
    ...flags: string[]
  ) {
    this.process = world.spawn([...PORTCLAIM, "watch", "--json", ...flags]);
    void this.#hear();
    this.ended = this.#read();
  }

  /** Starts one and waits until it has looked once: what happens from now on is news to it. */
  static async start(world: World, ...flags: string[]): Promise<Watcher> {
    await world.acquire("--service", "first", "--project", "watched");
    const watcher = new Watcher(world, "--initial", ...flags);
    await watcher.until("it is there", ({ event, claim }) => {
      return event === "claimed" && claim.service === "first";
    });
    return watcher;
  }

  async #read(): Promise<void> {
    let text = "";
    for await (const chunk of this.process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (text + chunk).split("\n");
      text = lines.pop() ?? "";
      this.events.push(...lines.map((line) => JSON.parse(line) as ClaimEvent));
    }
    if (text !== "") throw new Error(`half a line: ${text}`);
  }

  async #hear(): Promise<void> {
    this.err = await new Response(this.process.stderr).text();
  }

  /** The event that passes the test, as soon as there is one. */
  until(what: string, test: (event: ClaimEvent) => boolean): Promise<ClaimEvent> {
    return until(`watch says that ${what}`, () => this.events.find(test));
  }

  /** The events of a service, as words. */
  story(service: string): string[] {
    return this.events
      .filter(({ claim }) => claim.service === service)
      .map(({ event, claim }) => `${event} ${claim.state}`);
  }

  /** The claims that follow from all events, by port. */
  replay(): Facts[] {
    const known = new Map<number, ClaimView>();
    for (const { event, claim } of this.events) {
      const has = known.has(claim.port);
      if (has === (event === "claimed")) throw new Error(`${event} out of turn: ${claim.port}`);
      if (event === "released") known.delete(claim.port);
      else known.set(claim.port, claim);
    }
    return [...known.values()].map(facts).toSorted((a, b) => a.port - b.port);
  }

  /** Waits until what its events tell is what `list` says. */
  async agrees(): Promise<Facts[]> {
    return await until("the events agree with the list", async () => {
      const listed = (await this.world.list()).map(facts);
      return Bun.deepEquals(this.replay(), listed) ? listed : undefined;
    });
  }
}
