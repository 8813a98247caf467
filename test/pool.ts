import { mkdirSync, writeFileSync } from "node:fs";
import { thisMachine } from "../native/machine.ts";
import { World } from "./harness.ts";

/** Ports of a pool, and one more that marks it as taken. */
const SLOT = 100;
const SLOTS = 200;
const LOWEST = 10_000;

/**
 * Reserves the ports from `first` to `first` + 98 for one test: its process listens on the port above them meanwhile,
 * which keeps every other test of this machine away.
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

  constructor(env: Record<string, string> = {}) {
    super(env);
    for (const path of [this.home, `${this.home}/claims`]) mkdirSync(path, { mode: 0o700 });
    this.configure(this.pool());
  }

  /** The config of a pool of `size` ports. */
  pool(size = SLOT - 1): string {
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
