import { parseArgs } from "node:util";

// `bun run stress`: the storm, with --operations (of each worker) and --workers; or agents' days, with --days (in
// all), --agents (at one time), --minutes (after which no day begins) and --trace (a file for all that is done). What
// is random comes from --seed.

const { values } = parseArgs({
  options: {
    operations: { type: "string", default: "12600" },
    workers: { type: "string", default: "8" },
    deaths: { type: "string", default: "0.1" },
    days: { type: "string" },
    agents: { type: "string", default: "8" },
    minutes: { type: "string", default: "Infinity" },
    trace: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1e6) },
  },
});

const { days, trace, ...rest } = values;
const [operations = 0, workers = 0, deaths = 0, agents = 0, minutes = 0, seed = 0] = [
  rest.operations,
  rest.workers,
  rest.deaths,
  rest.agents,
  rest.minutes,
  rest.seed,
].map(Number);

async function run(): Promise<boolean> {
  if (days === undefined) {
    const { reportStorm } = await import("./storm.ts");
    return await reportStorm({ seed, workers, operations, deaths });
  }
  const { reportDays } = await import("./days/report.ts");
  return await reportDays({ seed, days: Number(days), agents, seconds: minutes * 60, trace });
}

process.exit((await run()) ? 0 : 1);
