import { show, sum } from "./show.ts";
import { type Plan, stress } from "./stress.ts";

/** Lets the workers loose, and prints what they did; returns whether all was well. */
export async function reportStorm(plan: Plan): Promise<boolean> {
  const { workers, operations, seed } = plan;
  console.log(`stress: ${workers} workers × ${operations} operations, seed ${seed}`);
  const started = performance.now();
  const { operations: begun, kills, violations, ...figures } = await stress(plan);
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${sum(begun)} operations in ${seconds} s`);
  console.log(`  ${show(begun)}`);
  console.log(`${sum(kills)} kills: ${show(kills)}`);
  console.log(`${figures.promises} ports promised, at most ${figures.mostPromised} at one time`);
  console.log(
    `${figures.stops} holders of the lock stopped, ${figures.unlinks} lock files removed`,
  );
  console.log(
    `${figures.listeners} servers came and went, ${figures.reads} looks without the lock`,
  );
  console.log(`history: ${sum(figures.lines)} lines (${show(figures.lines)})`);
  console.log(`${violations.length} violations`);
  for (const violation of violations) console.log(`  ${violation}`);
  return violations.length === 0;
}
