import { expect, setDefaultTimeout } from "bun:test";
import { needs } from "../needs.ts";
import { runs } from "../runs.ts";
import { stress } from "./stress.ts";

setDefaultTimeout(240_000);

const KILLED = ["cli", "library", "mcp", "node", "npm", "owner"];

// The long one is `bun run stress`.
needs("node").test(
  "eight workers, killed and stopped at any moment, are never promised a port twice",
  async () => {
    const { numRuns: operations, seed: first } = runs(30);
    const killed = new Set<string>();
    // Which calls still run when they are to be killed is chance, so another run follows until each kind has been.
    for (let seed = first; !KILLED.every((kind) => killed.has(kind)); seed++) {
      const { violations, kills, promises, lines, ...figures } = await stress({
        seed,
        workers: 8,
        operations,
      });
      expect(violations).toEqual([]);
      expect(promises).toBeGreaterThan(2 * operations);
      expect(lines["claimed"]).toBeGreaterThanOrEqual(promises);
      expect(
        Math.min(figures.stops, figures.unlinks, figures.listeners, figures.reads),
      ).toBePositive();
      for (const kind of Object.keys(kills)) killed.add(kind);
    }
  },
);
