import { existsSync, readFileSync } from "node:fs";
import type { Server } from "node:net";
import { monotonic } from "../../native/linux/clock.ts";
import type { Claim } from "../../registry/model/claim.ts";
import { CliClient } from "./cli-client.ts";
import type { Client } from "./client.ts";
import { Journal } from "./journal.ts";
import { LibraryClient } from "./library-client.ts";
import { McpClient } from "./mcp-client.ts";
import { Random } from "./random.ts";
import { close, listenOn } from "./server.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** Of all operations, so many are killed at a moment that is drawn too. */
const DEATHS = 0.1;
const MOST_HELD = 8;

/** A port that was promised and not given back. */
interface Promised {
  port: number;
  claim: string;
  /** The process that it was claimed for, if not this one. */
  owner: Bun.Subprocess | undefined;
  server: Server | undefined;
  /** Its owner was killed: it lives as long as its server now. */
  orphaned: boolean;
}

/** Calls portclaim again and again, and writes down what it is promised. */
class Worker {
  readonly #random: Random;
  readonly #journal: Journal;
  readonly #client: Client;
  readonly #cli: CliClient;
  readonly #held = new Map<string, Promised>();
  #owner: Bun.Subprocess | undefined;
  #asked = 0;
  /** Milliseconds that a call takes, about, where it is not killed. */
  #usual = 10;

  constructor(readonly options: WorkerOptions) {
    const { seed, journal, client, name } = options;
    this.#random = new Random(seed);
    this.#journal = new Journal(journal);
    this.#cli = new CliClient(name, undefined);
    if (client === "cli") this.#client = this.#cli;
    else this.#client = client === "library" ? new LibraryClient(name) : new McpClient(name);
  }

  async work(): Promise<void> {
    const runner = process.ppid;
    for (let i = 0; i < this.options.operations && process.ppid === runner; i++) {
      try {
        await this.#operate(this.#random.below(100));
      } catch (error) {
        this.#violation((error as Error).stack ?? String(error));
      }
    }
    await this.#finish();
  }

  async #operate(drawn: number): Promise<void> {
    if (this.#held.size === 0 || (drawn < 42 && this.#held.size < MOST_HELD)) {
      return await this.#acquire();
    }
    if (drawn < 74) return await this.#release();
    if (drawn < 82) return await this.#listen();
    if (drawn < 88) return await this.#stopListening();
    if (drawn < 92) return await this.#endOwner();
    if (drawn < 96) return await this.#look();
    if (drawn < 97) return await this.#releaseAll();
    const [command = "", ...words] = this.#random.pick(SWEEPS) ?? [];
    this.#begin(command);
    await this.#cli.call([command, ...words]);
  }

  /** Gives back everything, what killed calls had claimed included. */
  async #releaseAll(): Promise<void> {
    this.#begin("release all");
    const all = [...this.#held.values()];
    for (const held of all) this.#end(held);
    const nothingToRelease = 4;
    try {
      await this.#cli.call(
        ["release", "--project", this.options.name, "--force"],
        nothingToRelease,
      );
    } finally {
      for (const held of all) await this.#close(held);
    }
  }

  #begin(kind: string): void {
    this.#journal.write({ do: "operation", kind: `${this.#client.name} ${kind}` });
  }

  /** Milliseconds until the call that is about to be made is killed, if it is. */
  #drawDeath(): number | undefined {
    if (!this.#random.chance(DEATHS)) return undefined;
    if (this.#client.ownsClaims) this.#orphan(() => true);
    return this.#random.next() * this.#usual * 1.2;
  }

  /** Makes a call, and writes down if it was killed, or what carries it right afterwards. */
  async #call<T>(dies: number | undefined, call: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const outcome = await call();
    const { name } = this.#client;
    if (dies === undefined) this.#usual += (performance.now() - started - this.#usual) / 20;
    else if (outcome === "killed" || name !== "cli")
      this.#journal.write({ do: "kill", kind: name });
    return outcome;
  }

  async #acquire(): Promise<void> {
    const { name, range } = this.options;
    this.#begin("acquire");
    const claim = `${name}-${this.#asked++}`;
    const prefers = this.#random.chance(0.3);
    const size = range.last - range.first + 1;
    const prefer = prefers ? range.first + this.#random.below(size) : undefined;
    const owner =
      this.#client === this.#cli && this.#random.chance(0.5) ? this.#start() : undefined;
    this.#cli.owner = owner?.pid;
    const dies = this.#drawDeath();
    const since = monotonic();
    const port = await this.#call(dies, () => this.#client.acquire(claim, prefer, dies));
    if (typeof port !== "number") return;
    this.#journal.write({ do: "promised", since, port, claim });
    this.#held.set(claim, { port, claim, owner, server: undefined, orphaned: false });
  }

  /** The owner of these is about to be killed: those with a server follow it, the others end. */
  #orphan(isOwners: (held: Promised) => boolean): void {
    for (const held of [...this.#held.values()].filter(isOwners)) {
      if (held.server) held.orphaned = true;
      else this.#end(held);
    }
  }

  /** A process to own claims, which does nothing else and ends with this one. */
  #start(): Bun.Subprocess {
    this.#owner ??= Bun.spawn(["cat"], { stdin: "pipe", stdout: "ignore", stderr: "ignore" });
    return this.#owner;
  }

  async #release(): Promise<void> {
    this.#begin("release");
    const held = this.#random.pick([...this.#held.values()]);
    if (held === undefined) return;
    this.#checkKept(held);
    this.#end(held);
    const dies = this.#drawDeath();
    try {
      await this.#call(dies, () => this.#client.release(held.port, dies));
    } finally {
      // A server that went on would keep this process, and the run, from ever ending.
      await this.#close(held);
    }
  }

  #end({ port, claim }: Promised): void {
    if (this.#held.delete(claim)) this.#journal.write({ do: "ended", port, claim });
  }

  /** Fails if the file of a claim that was promised is not what it should be. */
  #checkKept({ port, claim }: Promised): void {
    const path = `${this.options.claims}/${port}.json`;
    const text = existsSync(path) ? readFileSync(path, "utf8") : "null";
    const found = (JSON.parse(text) as Claim | null)?.service;
    if (found !== claim)
      this.#violation(`${port} was promised to ${claim}, its claim says ${found}`);
  }

  #violation(what: string): void {
    this.#journal.write({ do: "violation", what: `${this.options.name}: ${what}` });
  }

  async #listen(): Promise<void> {
    this.#begin("listen");
    const held = this.#random.pick([...this.#held.values()].filter(({ server }) => !server));
    if (held === undefined) return;
    const { port, claim } = held;
    // A process that doesn't ask portclaim may be there first.
    const server = await listenOn(port, "127.0.0.1");
    if (server === undefined) return;
    held.server = server;
    this.#journal.write({ do: "listening", port, claim });
  }

  async #stopListening(): Promise<void> {
    this.#begin("stop");
    const held = this.#random.pick([...this.#held.values()].filter(({ server }) => server));
    if (held === undefined) return;
    if (held.orphaned) this.#end(held);
    await this.#close(held);
  }

  async #close(held: Promised): Promise<void> {
    const { server, port, claim } = held;
    held.server = undefined;
    if (server === undefined) return;
    this.#journal.write({ do: "closing", port, claim });
    await close(server);
  }

  async #endOwner(): Promise<void> {
    this.#begin("end an owner");
    const owner = this.#owner;
    if (owner === undefined) return;
    this.#owner = undefined;
    this.#orphan((held) => held.owner === owner);
    this.#journal.write({ do: "kill", kind: "owner" });
    owner.kill("SIGKILL");
    await owner.exited;
  }

  async #look(): Promise<void> {
    this.#begin("list");
    const before = [...this.#held.values()];
    const ports = await this.#client.list();
    for (const { port, claim } of before) {
      if (!ports.includes(port)) this.#violation(`list leaves out ${port}, promised to ${claim}`);
    }
    before.forEach((held) => this.#checkKept(held));
  }

  async #finish(): Promise<void> {
    for (const held of this.#held.values()) this.#checkKept(held);
    for (const held of this.#held.values()) {
      this.#end(held);
      await this.#close(held);
    }
    this.#owner?.kill("SIGKILL");
    await this.#owner?.exited;
    await this.#client[Symbol.asyncDispose]();
  }
}

/** Commands that make the registry true, and so must change nothing of what was promised. */
const SWEEPS = [["reap"], ["reap", "--dry-run"], ["doctor"], ["doctor", "--dry-run"]];

if (import.meta.main) await new Worker(JSON.parse(process.argv[2] ?? "{}") as WorkerOptions).work();
