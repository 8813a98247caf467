import { mkdirSync, writeFileSync } from "node:fs";
import { World } from "./harness.ts";

/** A world with its registry set up, and with a port beside its pool. */
export class PoolWorld extends World {
  /** The first port of the pool. */
  readonly first = this.ports.first;
  /** A port beside the pool. */
  readonly ownPort = this.ports.next();

  constructor(env: Record<string, string> = {}) {
    super(env);
    mkdirSync(`${this.home}/claims`, { mode: 0o700 });
    this.configure(this.pool());
  }

  /** The config of a pool of `size` ports. */
  pool(size = this.ownPort - this.first): string {
    return `[pool]\nrange = "${this.first}-${this.first + size - 1}"\n`;
  }

  configure(text: string): void {
    writeFileSync(`${this.home}/config.toml`, text);
  }
}
