/**
 * How often fast-check tries a property, and from which seed. `RUNS=50 SEED=7 bun test test/fuzz`
 * tries fifty times as often, elsewhere; what fails is printed with a seed and a path to repeat it.
 */
export function runs(times: number): { numRuns: number; seed: number } {
  const { RUNS = "1", SEED = "8" } = process.env;
  return { numRuns: times * Number(RUNS), seed: Number(SEED) };
}
