import type { Stage } from "./stage.ts";

/** A program to measure, and what undoes a call before the next one. */
export interface Program {
  name: string;
  command: string[];
  env: Record<string, string>;
  cwd: string;
  undo?: () => void;
  /** What it reads on stdin. */
  input?: string;
}

/** Milliseconds of each run of a program: elapsed, and of CPU time. */
export interface Times {
  name: string;
  wall: number[];
  cpu: number[];
}

/** Runs a program until it exits. Throws if it fails. */
export function time({ command, env, cwd, undo, input }: Program) {
  const stdin = input === undefined ? "ignore" : new TextEncoder().encode(input);
  const started = Bun.nanoseconds();
  const { exitCode, stdout, stderr, resourceUsage } = Bun.spawnSync(command, { env, cwd, stdin });
  const wall = (Bun.nanoseconds() - started) / 1e6;
  const name = command.join(" ");
  if (exitCode !== 0) throw new Error(`${name} exited with ${exitCode}: ${stderr}`);
  undo?.();
  const cpu = Number(resourceUsage?.cpuTime.total ?? 0) / 1000;
  return { wall, cpu, out: stdout.toString().trim() };
}

/** Runs all programs in turn, so that other load on the machine affects all alike. */
export async function interleave(programs: readonly Program[], rounds: number): Promise<Times[]> {
  const all = programs.map(({ name }) => ({ name, wall: [] as number[], cpu: [] as number[] }));
  // A first round fills the page cache.
  for (const program of programs) time(program);
  for (let round = 0; round < rounds; round++) {
    // Signals are handled only between two turns of the event loop.
    await Bun.sleep(0);
    for (const [i, program] of programs.entries()) {
      const { wall, cpu } = time(program);
      all[i]?.wall.push(wall);
      all[i]?.cpu.push(cpu);
    }
  }
  return all;
}

/** The exit code and output of one of many programs that started together, and when it exited. */
export interface Ended {
  code: number;
  out: string;
  /** Milliseconds since the first program started. */
  after: number;
}

/** Starts all programs at once and waits for all. */
export async function together(stage: Stage, programs: readonly Program[]): Promise<Ended[]> {
  const started = Bun.nanoseconds();
  const children = programs.map(({ command, env, cwd }) =>
    // An acquire that waits long prints a note.
    stage.keep(Bun.spawn(command, { env, cwd, stdin: "ignore", stderr: "ignore" })),
  );
  return await Promise.all(
    children.map(async (child) => {
      const code = await child.exited;
      const after = (Bun.nanoseconds() - started) / 1e6;
      return { code, after, out: (await new Response(child.stdout).text()).trim() };
    }),
  );
}

/** The value below which this share of all values lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Milliseconds for people. */
export const ms = (value: number): string => value.toFixed(value < 100 ? 2 : 0);

/** The middle half of the values. */
export function spread(values: readonly number[]): string {
  return `${ms(quantile(values, 0.25))}–${ms(quantile(values, 0.75))}`;
}
