import type { Built } from "./built.ts";
import { Client } from "./client.ts";
import { fillHome, type Home } from "./home.ts";
import { Lines } from "./lines.ts";
import { median, ms, quantile, spread, time } from "./measure.ts";
import { calling } from "./programs.ts";
import { ratio, type Section, table } from "./report.ts";
import type { Stage } from "./stage.ts";

const SERVICES = 10;
/** Acquires for each round of the whole. */
const TIMES = 5;

async function clocked<T>(into: number[], action: () => Promise<T>): Promise<T> {
  const started = Bun.nanoseconds();
  const result = await action();
  into.push((Bun.nanoseconds() - started) / 1e6);
  return result;
}

/** From the start of a server to its first answers, beside the start of Bun. */
async function starts(stage: Stage, home: Home, rounds: number) {
  const bun = calling(home, "bun", process.execPath, "-e", "0");
  const times = { bun: [] as number[], answer: [] as number[], acquire: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.bun.push(time(bun).wall);
    await using client = await clocked(times.answer, () => Client.start(stage, home));
    await clocked(times.acquire, () => client.acquire("bench"));
    home.reset();
  }
  return times;
}

/** Acquires of one server and of the work in C in turn, both at a client's pace. */
async function steady(stage: Stage, { floor }: Built, home: Home, count: number) {
  const times = {
    ping: [] as number[],
    acquire: [] as number[],
    release: [] as number[],
    floor: [] as number[],
  };
  await using client = await Client.start(stage, home);
  await using inC = floor ? new Lines(stage, home, [floor, "serve", home.path]) : undefined;
  for (let i = 0; i < count; i++) {
    const service = `bench-${i % SERVICES}`;
    await clocked(times.ping, () => client.ping());
    const port = await clocked(times.acquire, () => client.acquire(service));
    await clocked(times.release, () => client.release(port));
    if (!inC) continue;
    inC.send(service);
    times.floor.push(Number(await inC.next()) / 1e6);
  }
  return times;
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, one) => sum + one, 0) / values.length;

/** One server that an agent speaks to. */
export async function mcp(stage: Stage, built: Built, rounds: number): Promise<Section> {
  const home = fillHome(stage, "mcp", 10);
  const first = await starts(stage, home, Math.ceil(rounds / 4));
  const times = await steady(stage, built, home, rounds * TIMES);
  const row = (name: string, values: number[]) => [
    name,
    ms(median(values)),
    spread(values),
    ms(quantile(values, 0.99)),
    mean(values) > 0 ? (1000 / mean(values)).toFixed(0) : "–",
  ];
  const own = median(times.acquire) - median(times.ping);
  const inC = median(times.floor);
  return {
    title: "One MCP server",
    lines: [
      "The built `portclaim mcp-serve` with 10 live claims of others, spoken to over its stdin and stdout.",
      `${first.bun.length} starts:`,
      "",
      ...table(
        ["start", "ms", "middle half"],
        [
          ["to the first answer", ms(median(first.answer)), spread(first.answer)],
          ["from there to the first port", ms(median(first.acquire)), spread(first.acquire)],
          ["`bun -e 0`, from start to end", ms(median(first.bun)), spread(first.bun)],
        ],
      ),
      "",
      ...table(
        ["as the client sees it", "ms", "middle half", "99 of 100 within", "in a second"],
        [
          row("acquire", times.acquire),
          row("release", times.release),
          row("ping, which does nothing", times.ping),
          ...(built.floor
            ? [row("an acquire in C, as the program itself sees it", times.floor)]
            : []),
        ],
      ),
      "",
      `${times.acquire.length} of each, one after another; each acquire is of a service without a claim. The server's own time`,
      "for one is the client's less that of a ping, which takes the same way between the two:",
      `${ms(own)} ms, ${ratio(own / inC)} times that in C, which reads and writes the same files.`,
    ],
    budgets: [
      { what: "MCP server's own time of an acquire / in C", most: 1.2, measured: own / inC },
    ],
  };
}
