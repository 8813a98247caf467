/** One run of a program: milliseconds that passed, and that its processes computed. */
export interface Run {
  wall: number;
  cpu: number;
  out: string;
}

/** What is measured, and its runs so far. */
export interface Series {
  name: string;
  run: () => Run;
  runs: Run[];
}

/** Runs a program to its end. Throws if it fails. */
export function time(command: string[], env: Record<string, string>, cwd: string): Run {
  const started = Bun.nanoseconds();
  const { exitCode, stdout, stderr, resourceUsage } = Bun.spawnSync(command, { env, cwd });
  const wall = (Bun.nanoseconds() - started) / 1e6;
  if (exitCode !== 0) throw new Error(`${command.join(" ")} ended with ${exitCode}: ${stderr}`);
  const cpu = Number(resourceUsage?.cpuTime.total ?? 0) / 1000;
  return { wall, cpu, out: stdout.toString() };
}

/** Starts a program so many times at once and waits for all: milliseconds, and what each printed. */
export async function together(count: number, command: string[], env: Record<string, string>) {
  const started = Bun.nanoseconds();
  const children = Array.from({ length: count }, () =>
    Bun.spawn(command, { env, stdin: "ignore", stdout: "pipe", stderr: "ignore" }),
  );
  const out = await Promise.all(children.map((child) => new Response(child.stdout).text()));
  await Promise.all(children.map((child) => child.exited));
  return { wall: (Bun.nanoseconds() - started) / 1e6, out: out.map((text) => text.trim()) };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The middle half of the values. */
export function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => (sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(1);
  return `${at(0.25)}–${at(0.75)}`;
}
