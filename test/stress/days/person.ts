import type { Random } from "../random.ts";
import type { Ledger } from "./ledger.ts";
import { isRunning } from "./machine.ts";
import type { Place } from "./place.ts";
import { endNow } from "./servers.ts";
import type { Town } from "./town.ts";

const MOST_SERVERS = 20;
const MOST_FOREIGN = 5;
const PAUSE = 50;

/** A person at the same machine: stops and releases what agents have, reaps, and starts servers without a claim. */
export class Person {
  #foreign = 0;

  constructor(
    readonly town: Town,
    readonly ledger: Ledger,
    readonly random: Random,
  ) {}

  async until(done: Promise<unknown>): Promise<void> {
    const over = new AbortController();
    void done.finally(() => over.abort());
    while (!over.signal.aborted) {
      await this.ledger.during("a person", () => this.#act());
      await Bun.sleep(PAUSE * this.random.next());
    }
  }

  async #act(): Promise<void> {
    if (this.ledger.servers.size > MOST_SERVERS) return await this.#stop();
    const drawn = this.random.below(100);
    if (drawn < 4) await this.#stop();
    else if (drawn < 7) await this.#release();
    else if (drawn < 17) await this.#run("reap");
    else if (drawn < 22) await this.#run("doctor");
    else if (drawn < 27) await this.#listen();
  }

  /** Stops a server by force: one that an agent left behind, if there is any. */
  async #stop(): Promise<void> {
    const servers = [...this.ledger.servers].filter(({ doubts }) => doubts === 0);
    const orphans = servers.filter(({ worker }) => !isRunning(worker.process));
    const server = this.random.pick(orphans.length > 0 ? orphans : servers);
    if (server === undefined) return;
    await this.ledger.mayEnd({ servers: { port: server.claimed } }, async () => {
      await this.#run("stop", String(server.claimed), "--force");
      await endNow(server);
    });
  }

  /** Releases a claim by force: its server runs on without it. */
  async #release(): Promise<void> {
    const promised = this.random.pick([...this.ledger.promises]);
    if (promised === undefined) return;
    await this.ledger.mayEnd({ claims: { port: promised.port } }, () =>
      this.#run("release", String(promised.port), "--force"),
    );
  }

  async #listen(): Promise<void> {
    if (this.#foreign < MOST_FOREIGN) await this.town.listen();
    this.#foreign++;
  }

  async #run(...words: string[]): Promise<void> {
    this.ledger.write({ do: "operation", kind: `person ${words[0]}` });
    const { cwd } = this.random.pick(this.town.places) as Place;
    const { code, out, err } = await this.town.run(words, { cwd });
    this.ledger.note(`a person: ${words.join(" ")} ended with ${code}: ${out}${err}`);
    const isStop = words[0] === "stop" || words[0] === "release";
    if (code !== 0 && !isStop)
      this.ledger.violation(`${words.join(" ")} ended with ${code}: ${err}`);
  }
}
