import { expect, setDefaultTimeout } from "bun:test";
import { needs } from "../../needs.ts";
import { runs } from "../../runs.ts";
import { liveDays } from "./days.ts";

setDefaultTimeout(120_000);

// The long one is `bun run stress --days 5000`.
needs("Linux", "node", "git").test(
  "agents that claim, serve, stop, ask the guard and are killed lose nothing of each other's",
  async () => {
    const { numRuns: days, seed } = runs(12);
    const { violations, promises, guard, ...figures } = await liveDays({ seed, days, agents: 5 });
    expect(violations).toEqual([]);
    expect(figures.days).toBe(days);
    expect(promises).toBeGreaterThan(days);
    expect(Object.keys(guard).join()).toMatch(/denied.*passed|passed.*denied/);
  },
);
