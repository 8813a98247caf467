import { expect, setDefaultTimeout } from "bun:test";
import { needs } from "../needs.ts";
import { runs } from "../runs.ts";
import { stress } from "./stress.ts";

setDefaultTimeout(60_000);

// The long one is `bun run stress`.
needs("node").test(
  "eight workers, killed and stopped at any moment, are never promised a port twice",
  async () => {
    const { numRuns: operations, seed } = runs(30);
    const { violations, kills, promises, lines, ...figures } = await stress({
      seed,
      workers: 8,
      operations,
    });
    expect(violations).toEqual([]);
    expect(Object.keys(kills).toSorted()).toEqual([
      "cli",
      "library",
      "mcp",
      "node",
      "npm",
      "owner",
    ]);
    expect(promises).toBeGreaterThan(2 * operations);
    expect(lines["claimed"]).toBeGreaterThanOrEqual(promises);
    expect(
      Math.min(figures.stops, figures.unlinks, figures.listeners, figures.reads),
    ).toBePositive();
  },
);
