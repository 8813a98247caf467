import { parseArgs } from "node:util";
import { stress } from "./stress.ts";

// The long run: `bun run stress`, or with --operations (of each worker), --workers and --seed.

const { values } = parseArgs({
  options: {
    operations: { type: "string", default: "12600" },
    workers: { type: "string", default: "8" },
    deaths: { type: "string", default: "0.1" },
    seed: { type: "string", default: String(Date.now() % 1e6) },
  },
});
const [operations = 0, workers = 0, deaths = 0, seed = 0] = [
  values.operations,
  values.workers,
  values.deaths,
  values.seed,
].map(Number);
console.log(`stress: ${workers} workers × ${operations} operations, seed ${seed}`);

const started = performance.now();
const {
  operations: begun,
  kills,
  violations,
  ...figures
} = await stress({
  seed,
  workers,
  operations,
  deaths,
});
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
const show = (counts: Record<string, number>) =>
  Object.entries(counts)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([kind, count]) => `${kind} ${count}`)
    .join(", ");

console.log(`${sum(begun)} operations in ${Math.round((performance.now() - started) / 1000)} s`);
console.log(`  ${show(begun)}`);
console.log(`${sum(kills)} kills: ${show(kills)}`);
console.log(`${figures.promises} ports promised, at most ${figures.mostPromised} at one time`);
console.log(`${figures.stops} holders of the lock stopped, ${figures.unlinks} lock files removed`);
console.log(`${figures.listeners} servers came and went, ${figures.reads} looks without the lock`);
console.log(`history: ${sum(figures.lines)} lines (${show(figures.lines)})`);
console.log(`  ${figures.missing} changes of killed calls are missing`);
console.log(`${violations.length} violations`);
for (const violation of violations) console.log(`  ${violation}`);
process.exit(violations.length === 0 ? 0 : 1);
