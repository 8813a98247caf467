import { buildProgram } from "./built.ts";
import { interleave, median, type Times } from "./measure.ts";
import { type Section, table, walls } from "./report.ts";
import type { Stage } from "./stage.ts";

const FUNCTIONS = 1000;

/** A small function that differs from all others, and can't be inlined. */
const define = (i: number) => `function f${i}(a, b) {
  const both = { x${i % 50}: a, y: b };
  let sum = ${i};
  for (const each of [a, b]) sum += each;
  if (sum > 1e9) globalThis.next = f${(i + 1) % FUNCTIONS};
  return sum + both.y;
}`;

const all = (code: (i: number) => string) => Array.from({ length: FUNCTIONS }, (_, i) => code(i));
const callAll = all((i) => `globalThis.sum += f${i}(1, 2);`).join("\n");

const PROGRAMS = {
  none: `if (globalThis.never) {${callAll}}`,
  once: callAll,
  twice: callAll + callAll,
};

/** What a function costs that is called once: most of portclaim's, in one command. */
export async function cold(stage: Stage, rounds: number): Promise<Section> {
  const programs = [];
  for (const [name, calls] of Object.entries(PROGRAMS)) {
    const path = await buildProgram(stage, name, `${all(define).join("\n")}\n${calls}`);
    programs.push({ name, command: [path], env: {}, cwd: stage.folder });
  }
  const [none, once, twice] = (await interleave(programs, rounds)) as [Times, Times, Times];
  const cost = (from: Times, to: Times) =>
    (((median(to.wall) - median(from.wall)) * 1000) / FUNCTIONS).toFixed(1);
  return {
    title: "Cold code",
    lines: [
      `Built Bun programs with ${FUNCTIONS} small functions, each of which they call so many times:`,
      "",
      ...table(
        ["calls", "ms", "middle half"],
        [none, once, twice].map((times) => [times.name, ...walls(times)]),
      ),
      "",
      `A first call takes ${cost(none, once)} µs, a second one ${cost(once, twice)} µs.`,
    ],
    budgets: [],
  };
}
