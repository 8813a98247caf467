import { interleave, median, ms, type Program, type Times } from "./measure.ts";
import { NAMES } from "./programs.ts";
import { type Section, ratio, table, walls } from "./report.ts";

/** One call of each program, from start to exit. */
export async function latency(programs: readonly Program[], rounds: number): Promise<Section> {
  const all = await interleave(programs, rounds);
  const wallOf = (name: string) => {
    const found = all.find((times) => times.name.startsWith(name));
    return found === undefined ? Number.NaN : median(found.wall);
  };
  const empty = wallOf(NAMES.empty);
  const row = (times: Times) => [
    times.name,
    ...walls(times),
    ratio(median(times.wall) / empty),
    ms(median(times.cpu)),
  ];
  return {
    title: "One call",
    lines: [
      "From start to exit, with 10 live claims of other owners. Each acquire finds its owner by itself and claims",
      "a port for a service without one. get-port-cli and detect-port find a free port and record nothing;",
      "`portless alias` records a port that it is given.",
      "",
      ...table(["program", "ms", "middle half", "× empty", "CPU ms"], all.map(row)),
    ],
    budgets: [
      { what: "acquire / empty program", most: 1.6, measured: wallOf(NAMES.acquire) / empty },
      { what: "list / empty program", most: 1.4, measured: wallOf(NAMES.list) / empty },
      {
        what: "get-port-cli / acquire",
        least: 10,
        measured: wallOf(NAMES.peer) / wallOf(NAMES.acquire),
      },
    ],
  };
}
