import type { Built } from "./built.ts";
import { fillHome } from "./home.ts";
import { interleave, median, type Times } from "./measure.ts";
import { binary, calling, floorIn } from "./programs.ts";
import { ratio, type Section, table, walls } from "./report.ts";
import type { Stage } from "./stage.ts";

const COUNTS = [0, 10, 100, 1000, 5000];
/** Idle claims that `run` made, whose owners live. */
const IDLE = [10, 300];
const LOOKS = [["list"], ["reap", "--dry-run"]];

/** Acquire and list, which read all claims, with more and more live claims. */
export async function growth(stage: Stage, built: Built, rounds: number): Promise<Section> {
  const programs = COUNTS.flatMap((count) => {
    const home = fillHome(stage, `growth-${count}`, count);
    return [
      calling(home, `acquire ${count}`, binary, "acquire", "--service", "bench"),
      calling(home, `list ${count}`, binary, "list"),
      ...floorIn(home, built, `floor ${count}`),
    ];
  });
  for (const count of IDLE) {
    const home = fillHome(stage, `idle-${count}`, count, true);
    for (const look of LOOKS) {
      programs.push(calling(home, `${look[0]} ${count} idle`, binary, ...look));
    }
  }
  const all = await interleave(programs, rounds);
  const timesOf = (name: string): Times | undefined => all.find((times) => times.name === name);
  const wallOf = (name: string) => median(timesOf(name)?.wall ?? []);
  const row = (count: number) => {
    const cells = [`acquire ${count}`, `list ${count}`, `floor ${count}`].flatMap((name) => {
      const times = timesOf(name);
      return times ? walls(times) : ["–", "–"];
    });
    const growing = ["acquire", "list"].map((name) => {
      return ratio(wallOf(`${name} ${count}`) / wallOf(`${name} 10`));
    });
    return [count.toLocaleString("en"), ...cells, ...growing];
  };
  const idleRow = (count: number) => {
    const cells = LOOKS.flatMap(([name]) => walls(timesOf(`${name} ${count} idle`) as Times));
    return [String(count), ...cells];
  };
  const overTen = (name: string) => wallOf(`${name} 300 idle`) / wallOf(`${name} 10 idle`);
  const half = "middle half";
  const head = ["claims", "acquire", half, "list", half, "in C", half, "acquire × 10", "list × 10"];
  return {
    title: "More claims",
    lines: [
      "Live claims of 5 owners, 8 services per project, and as many remembered ports, up to 1,000. The work in C",
      `is an acquire on the same files. ${rounds} rounds; the last two columns compare with 10 claims.`,
      "",
      ...table(head, COUNTS.map(row)),
      "",
      "Idle claims that `run` made an hour ago, whose owners still live:",
      "",
      ...table(["claims", "list", half, "reap --dry-run", half], IDLE.map(idleRow)),
    ],
    budgets: [
      {
        what: "acquire with 1,000 claims / with 10",
        most: 1.7,
        measured: wallOf("acquire 1000") / wallOf("acquire 10"),
      },
      { what: "list with 300 idle claims / with 10", most: 3, measured: overTen("list") },
      { what: "reap with 300 idle claims / with 10", most: 3, measured: overTen("reap") },
    ],
  };
}
