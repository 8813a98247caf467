import type { Built } from "./built.ts";
import { Client } from "./client.ts";
import { fillHome, type Home } from "./home.ts";
import { Lines } from "./lines.ts";
import { median, ms, quantile, spread, time } from "./measure.ts";
import { calling } from "./programs.ts";
import { ratio, type Section, table } from "./report.ts";
import type { Stage } from "./stage.ts";

const SERVICES = 10;
/** Acquires per round. */
const TIMES = 5;

async function clocked<T>(into: number[], action: () => Promise<T>): Promise<T> {
  const started = Bun.nanoseconds();
  const result = await action();
  into.push((Bun.nanoseconds() - started) / 1e6);
  return result;
}

/** The time to a server's first responses, and that to start Bun. */
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

/** Acquires by one server and by the work in C in turn, both at the client's pace. */
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

/** One server with one client, as an agent uses it. */
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
      "The binary's `portclaim mcp-serve` over stdin and stdout, with 10 live claims of other owners.",
      `${first.bun.length} starts:`,
      "",
      ...table(
        ["start", "ms", "middle half"],
        [
          ["to the first response", ms(median(first.answer)), spread(first.answer)],
          ["from there to the first port", ms(median(first.acquire)), spread(first.acquire)],
          ["`bun -e 0`, from start to exit", ms(median(first.bun)), spread(first.bun)],
        ],
      ),
      "",
      ...table(
        ["measured by the client", "ms", "middle half", "99th percentile", "per second"],
        [
          row("acquire", times.acquire),
          row("release", times.release),
          row("ping", times.ping),
          ...(built.floor
            ? [row("an acquire in C, measured by the program itself", times.floor)]
            : []),
        ],
      ),
      "",
      `${times.acquire.length} of each, one after another, for services without a claim. The server's own time is the client's`,
      "minus that of a ping:",
      `${ms(own)} ms, ${ratio(own / inC)} times that of the work in C, which reads and writes the same files.`,
    ],
    budgets: [
      { what: "MCP server's own time of an acquire / in C", most: 1.2, measured: own / inC },
    ],
  };
}
