import { show, sum } from "../show.ts";
import { liveDays, type Plan } from "./days.ts";

/** Lets agents live their days, and prints what they did; returns whether all was well. */
export async function reportDays(plan: Plan): Promise<boolean> {
  const { days, agents, seed } = plan;
  console.log(`days: ${days} days of ${agents} agents at a time, seed ${seed}`);
  const started = performance.now();
  const { operations, guard, kills, violations, ...figures } = await liveDays(plan);
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${figures.days} days, ${sum(operations)} operations in ${seconds} s`);
  console.log(`  ${show(operations)}`);
  console.log(`guard: ${sum(guard)} answers: ${show(guard)}`);
  console.log(`${sum(kills)} kills: ${show(kills)}`);
  console.log(`${figures.promises} ports promised, at most ${figures.mostPromised} at one time`);
  console.log(
    `${figures.gone} claims seen with nothing left of what used them, each removed by the next call`,
  );
  console.log(`${figures.taken} servers stopped that nothing told from the service's own`);
  console.log(`history: ${sum(figures.lines)} lines (${show(figures.lines)})`);
  console.log(`${violations.length} violations`);
  for (const violation of violations) console.log(`  ${violation}`);
  return violations.length === 0;
}
