import { type Bar, chart } from "./chart.ts";
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
      "`portless alias` records a port that it is given. kill-port looks for a server to end, and finds none.",
      "",
      ...table(["program", "ms", "middle half", "× empty", "CPU ms"], all.map(row)),
    ],
    picture: chart(
      "One call, from start to exit",
      all.map((times) => bar(times, wallOf)),
    ),
    budgets: [
      { what: "acquire / empty program", most: 1.6, measured: wallOf(NAMES.acquire) / empty },
      { what: "list / empty program", most: 1.3, measured: wallOf(NAMES.list) / empty },
      {
        what: "guard on a command that ends nothing / empty program",
        most: 1.15,
        measured: wallOf(NAMES.passing) / empty,
      },
      {
        what: "guard on `pkill -f vite` / list",
        most: 1.5,
        measured: wallOf(NAMES.judging) / wallOf(NAMES.list),
      },
      {
        what: "acquire by the npm package / by the program",
        most: 1.2,
        measured: wallOf(NAMES.package) / wallOf(NAMES.acquire),
      },
      {
        what: "get-port-cli / acquire",
        least: 10,
        measured: wallOf(NAMES.peer) / wallOf(NAMES.acquire),
      },
    ],
  };
}

/** Where the time of one row goes. */
function bar({ name, wall }: Times, wallOf: (name: string) => number): Bar {
  const whole = median(wall);
  const plain = name.replaceAll("`", "").replace(/^\S+ [\d.]+: /, "");
  if (name === NAMES.empty) return { name: plain, parts: [{ kind: "start", ms: whole }] };
  if (!name.startsWith("`portclaim")) return { name: plain, parts: [{ kind: "other", ms: whole }] };
  const start = Math.min(whole, wallOf(NAMES.empty));
  const launcher = name === NAMES.package ? Math.max(0, whole - wallOf(NAMES.acquire)) : 0;
  const isAcquire = name === NAMES.acquire || name === NAMES.package;
  const work = isAcquire ? wallOf(NAMES.floor) || 0 : 0;
  const parts = [
    { kind: "start", ms: start },
    { kind: "work", ms: work },
    { kind: "code", ms: Math.max(0, whole - start - work - launcher) },
    { kind: "launcher", ms: launcher },
  ] as const;
  return { name: plain, parts: parts.filter(({ ms: part }) => part > 0) };
}
