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
    const answers = new Set<string>();
    // Which answers a few days bring is chance, so more follow until the guard has given both.
    for (let first = seed; !answers.has("denied") || !answers.has("passed"); first += days) {
      const plan = { seed: first, days, agents: 5 };
      const { violations, promises, guard, ...figures } = await liveDays(plan);
      expect(violations).toEqual([]);
      expect(figures.days).toBe(days);
      expect(promises).toBeGreaterThan(days);
      for (const answer of Object.keys(guard)) answers.add(answer.slice(0, answer.indexOf(" ")));
    }
  },
);
