import { monotonic } from "../../native/linux/clock.ts";
import { BINARY } from "../binary.ts";
import { CliClient } from "./cli-client.ts";
import type { Client } from "./client.ts";
import { Journal } from "./journal.ts";
import { LibraryClient } from "./library-client.ts";
import { McpClient } from "./mcp-client.ts";
import { Promises } from "./promises.ts";
import { Random } from "./random.ts";
import { RunServer } from "./run-server.ts";
import { listenOn } from "./server.ts";
import type { WorkerOptions } from "./worker-options.ts";

const MOST_HELD = 8;

/** Calls portclaim again and again, and writes down what it is promised. */
class Worker {
  readonly #random: Random;
  readonly #journal: Journal;
  readonly #client: Client;
  readonly #cli: CliClient;
  readonly #promises: Promises;
  #owner: Bun.Subprocess | undefined;
  #asked = 0;
  /** Milliseconds that a call takes, about, where it is not killed. */
  #usual = 10;

  constructor(readonly options: WorkerOptions) {
    const { seed, journal, claims, client, name, modules } = options;
    this.#random = new Random(seed);
    this.#journal = new Journal(journal);
    this.#promises = new Promises(this.#journal, this.#random, claims);
    this.#cli =
      client === "npm"
        ? new CliClient("npm", `${modules}/.bin/portclaim`, name)
        : new CliClient("cli", BINARY, name);
    if (client === "cli" || client === "npm") this.#client = this.#cli;
    else if (client === "mcp") this.#client = new McpClient(name);
    else this.#client = new LibraryClient(client, name, `${modules}/portclaim/dist/node.mjs`);
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
    if (this.#promises.size === 0 || (drawn < 42 && this.#promises.size < MOST_HELD)) {
      return await this.#acquire();
    }
    if (drawn < 71) return await this.#release();
    if (drawn < 74) return await this.#run();
    if (drawn < 76) return await this.#stopServer();
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
    const all = this.#promises.all();
    for (const held of all) this.#promises.end(held);
    const nothingToRelease = 4;
    try {
      await this.#cli.call(
        ["release", "--project", this.options.name, "--force"],
        nothingToRelease,
      );
    } finally {
      for (const held of all) await this.#promises.close(held);
    }
  }

  #begin(kind: string): void {
    this.#journal.write({ do: "operation", kind: `${this.#client.name} ${kind}` });
  }

  /** Milliseconds until the call that is about to be made is killed, if it is. */
  #drawDeath(): number | undefined {
    if (!this.#random.chance(this.options.deaths)) return undefined;
    if (this.#client.ownsClaims) this.#promises.orphan(({ run }) => run === undefined);
    return this.#random.next() * this.#usual * 1.2;
  }

  /** Makes a call, and writes down if it was killed, or what carries it right afterwards. */
  async #call<T>(dies: number | undefined, call: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const outcome = await call();
    const { name } = this.#client;
    if (dies === undefined) this.#usual += (performance.now() - started - this.#usual) / 20;
    else if (outcome === "killed" || this.#client !== this.#cli)
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
    this.#promises.add(since, { port, claim, owner });
  }

  /** A process to own claims, which does nothing else and ends with this one. */
  #start(): Bun.Subprocess {
    this.#owner ??= Bun.spawn(["cat"], { stdin: "pipe", stdout: "ignore", stderr: "ignore" });
    return this.#owner;
  }

  async #release(): Promise<void> {
    this.#begin("release");
    const held = this.#promises.pick(({ run }) => !run);
    if (held === undefined) return;
    this.#promises.check(held);
    this.#promises.end(held);
    const dies = this.#drawDeath();
    try {
      const outcome = await this.#call(dies, () => this.#client.release(held.port, dies));
      const { port, claim } = held;
      if (outcome === "done") this.#journal.write({ do: "released", port, claim });
    } finally {
      // A server that went on would keep this process, and the run, from ever ending.
      await this.#promises.close(held);
    }
  }

  #violation(what: string): void {
    this.#journal.write({ do: "violation", what: `${this.options.name}: ${what}` });
  }

  async #listen(): Promise<void> {
    this.#begin("listen");
    const held = this.#promises.pick(({ server, run }) => !server && !run);
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
    const held = this.#promises.pick(({ server }) => server);
    if (held === undefined) return;
    if (held.orphaned) this.#promises.end(held);
    await this.#promises.close(held);
  }

  /** Claims a port by `run`, whose command serves on it or leaves a daemon behind. */
  async #run(): Promise<void> {
    this.#begin("run");
    const { name } = this.options;
    const claim = `${name}-${this.#asked++}`;
    const since = monotonic();
    const run = await RunServer.start(name, claim, this.#random.chance(0.5));
    if (run === undefined) return;
    const { port } = run;
    this.#promises.add(since, { port, claim, run });
    this.#journal.write({ do: "listening", port, claim });
  }

  async #stopServer(): Promise<void> {
    this.#begin("stop a server");
    const held = this.#promises.pick(({ run }) => run);
    if (held === undefined) return;
    const { port, claim } = held;
    this.#promises.check(held);
    this.#promises.end(held);
    this.#journal.write({ do: "closing", port, claim });
    try {
      await this.#cli.call(["stop", String(port)]);
      this.#journal.write({ do: "stopped", port, claim });
    } finally {
      await held.run?.kill();
    }
  }

  async #endOwner(): Promise<void> {
    this.#begin("end an owner");
    const owner = this.#owner;
    if (owner === undefined) return;
    this.#owner = undefined;
    this.#promises.orphan((held) => held.owner === owner);
    this.#journal.write({ do: "kill", kind: "owner" });
    owner.kill("SIGKILL");
    await owner.exited;
  }

  async #look(): Promise<void> {
    this.#begin("list");
    const before = this.#promises.all();
    const ports = await this.#client.list();
    for (const { port, claim } of before) {
      if (!ports.includes(port)) this.#violation(`list leaves out ${port}, promised to ${claim}`);
    }
    for (const held of before) this.#promises.check(held);
  }

  async #finish(): Promise<void> {
    for (const held of this.#promises.all()) this.#promises.check(held);
    for (const held of this.#promises.all()) {
      this.#promises.end(held);
      await this.#promises.close(held);
    }
    this.#owner?.kill("SIGKILL");
    await this.#owner?.exited;
    await this.#client[Symbol.asyncDispose]();
  }
}

/** Commands that make the registry true, and so must change nothing of what was promised. */
const SWEEPS = [["reap"], ["reap", "--dry-run"], ["doctor"], ["doctor", "--dry-run"]];

if (import.meta.main) await new Worker(JSON.parse(process.argv[2] ?? "{}") as WorkerOptions).work();
