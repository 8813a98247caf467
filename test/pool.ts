import { mkdirSync, writeFileSync } from "node:fs";
import { thisMachine } from "../native/machine.ts";
import { World } from "./harness.ts";

/** The ports of a pool, one for the test itself, and one that marks the others as taken. */
const SLOT = 100;
const POOL = SLOT - 2;
const SLOTS = 200;
const LOWEST = 10_000;

/**
 * Reserves `first` and the 98 ports above it for one test: its process listens on the next one meanwhile, which keeps
 * every other test on this machine away.
 */
function reservePorts(): Disposable & { first: number } {
  const used = new Set(
    thisMachine()
      .listeners()
      .map(({ port }) => Math.floor(port / SLOT)),
  );
  for (;;) {
    const first = LOWEST + SLOT * Math.floor(Math.random() * SLOTS);
    if (used.has(first / SLOT)) continue;
    try {
      const port = first + SLOT - 1;
      const mark = Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } });
      return { first, [Symbol.dispose]: () => mark.stop(true) };
    } catch {
      // Another test was faster.
    }
  }
}

/** A world whose pool no other test uses, with its registry set up. */
export class PoolWorld extends World {
  readonly #ports = reservePorts();
  /** The first port of the pool. */
  readonly first = this.#ports.first;
  /** A port beside the pool. */
  readonly ownPort = this.first + POOL;

  constructor(env: Record<string, string> = {}) {
    super(env);
    for (const path of [this.home, `${this.home}/claims`]) mkdirSync(path, { mode: 0o700 });
    this.configure(this.pool());
  }

  /** The config of a pool of `size` ports. */
  pool(size = POOL): string {
    return `[pool]\nrange = "${this.first}-${this.first + size - 1}"\n`;
  }

  configure(text: string): void {
    writeFileSync(`${this.home}/config.toml`, text);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    this.#ports[Symbol.dispose]();
  }
}
