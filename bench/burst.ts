import type { Built } from "./built.ts";
import { fillHome, type Home } from "./home.ts";
import { type Ended, median, ms, type Program, spread, together } from "./measure.ts";
import { binary, calling } from "./programs.ts";
import { ratio, type Section, table } from "./report.ts";
import type { Stage } from "./stage.ts";

/** How many start together, and in which share of all rounds. */
const BURSTS: [count: number, share: number][] = [
  [1, 0.2],
  [10, 0.2],
  [50, 0.2],
  [200, 0.05],
];
const FEWEST = 3;

/** The exit code of an acquire that waited 5 seconds for the lock. */
const GAVE_UP = 5;

interface Burst {
  count: number;
  acquire: Ended[][];
  empty: Ended[][];
}

/** Many acquires that start together, and as many programs that do nothing. */
async function burst(stage: Stage, home: Home, empty: Program, count: number): Promise<Ended[][]> {
  const many = Array.from({ length: count }, (_, i) => i);
  const acquire = (i: number) =>
    calling(home, "acquire", binary, "acquire", "--service", `bench-${i}`);
  const idle = await together(
    stage,
    many.map(() => empty),
  );
  const busy = await together(stage, many.map(acquire));
  home.reset();
  const failed = [...idle, ...busy].find(({ code }) => code !== 0 && code !== GAVE_UP);
  if (failed) throw new Error(`a program in a burst exited with ${failed.code}`);
  const ports = busy.filter(({ code }) => code === 0).map(({ out }) => out);
  if (new Set(ports).size < ports.length) {
    throw new Error(`a port was given out twice: ${ports.toSorted().join(" ")}`);
  }
  return [idle, busy];
}

const ends = (all: Ended[]) => all.map(({ after }) => after);
/** Milliseconds until all programs of each burst had exited. */
const wholes = (rounds: Ended[][]) => rounds.map((all) => Math.max(...ends(all)));

export async function bursts(stage: Stage, built: Built, rounds: number): Promise<Section> {
  const home = fillHome(stage, "burst", 10);
  const empty = calling(home, "empty", built.empty);
  const all: Burst[] = BURSTS.map(([count]) => ({ count, acquire: [], empty: [] }));
  for (const [i, [count, share]] of BURSTS.entries()) {
    for (let round = 0; round < Math.max(FEWEST, rounds * share); round++) {
      const [idle = [], busy = []] = await burst(stage, home, empty, count);
      all[i]?.empty.push(idle);
      all[i]?.acquire.push(busy);
    }
  }
  const timesEmpty = (one: Burst) => median(wholes(one.acquire)) / median(wholes(one.empty));
  const row = (one: Burst) => [
    String(one.count),
    String(one.acquire.length),
    ms(median(wholes(one.acquire))),
    spread(wholes(one.acquire)),
    ms(Math.max(...wholes(one.acquire))),
    String(one.acquire.flat().filter(({ code }) => code === GAVE_UP).length),
    ms(median(wholes(one.empty))),
    ms(Math.max(...wholes(one.empty))),
    ratio(timesEmpty(one)),
  ];
  const fifty = all.find(({ count }) => count === 50);
  return {
    title: "Many at once",
    lines: [
      "Acquires of different services that start together, with 10 live claims of other owners: the time until all have",
      "exited. The longest wait is that of a single process in any round.",
      "No port was given out twice: that would stop the benchmark. An acquire gives up after waiting 5 s for the lock.",
      "",
      ...table(
        [
          "at once",
          "rounds",
          "acquires",
          "middle half",
          "longest wait",
          "gave up",
          "empty programs",
          "longest wait",
          "× empty",
        ],
        all.map(row),
      ),
    ],
    budgets: [
      {
        what: "50 acquires at once / 50 empty programs",
        most: 2,
        measured: fifty && timesEmpty(fifty),
      },
    ],
  };
}
