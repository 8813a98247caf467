import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { BINARY, PORTCLAIM } from "../harness.ts";
import { chance } from "../runs.ts";
import { storm } from "./stress.ts";

setDefaultTimeout(60_000);

// The long one is `bun run storm`.
test("eight workers, killed and stopped at any moment, are never promised a port twice", async () => {
  const { numRuns: operations, seed } = chance(30);
  const command = existsSync(BINARY) ? [BINARY] : PORTCLAIM;
  const { violations, kills, promises, ...figures } = await storm({
    seed,
    workers: 8,
    operations,
    command,
  });
  expect(violations).toEqual([]);
  expect(Object.keys(kills).toSorted()).toEqual(["cli", "library", "mcp", "owner"]);
  expect(promises).toBeGreaterThan(2 * operations);
  expect(Math.min(figures.stops, figures.unlinks, figures.listeners, figures.reads)).toBePositive();
});
