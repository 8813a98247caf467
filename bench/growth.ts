import type { Built } from "./built.ts";
import { fillHome } from "./home.ts";
import { interleave, median, type Times } from "./measure.ts";
import { binary, calling, floorIn } from "./programs.ts";
import { ratio, type Section, table, walls } from "./report.ts";
import type { Stage } from "./stage.ts";

const COUNTS = [0, 10, 100, 1000, 5000];

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
  const half = "middle half";
  const head = ["claims", "acquire", half, "list", half, "in C", half, "acquire × 10", "list × 10"];
  return {
    title: "More claims",
    lines: [
      "Live claims of 5 owners, 8 services per project, and as many remembered ports, up to 1,000. The work in C",
      `is an acquire on the same files. ${rounds} rounds; the last two columns compare with 10 claims.`,
      "",
      ...table(head, COUNTS.map(row)),
    ],
    budgets: [
      {
        what: "acquire with 1,000 claims / with 10",
        most: 1.5,
        measured: wallOf("acquire 1000") / wallOf("acquire 10"),
      },
    ],
  };
}
