import { readFileSync } from "node:fs";
import { PORTCLAIM, type World } from "../harness.ts";

/** One system call of a command: the `ordinal`-th of its name among those that touch the registry. */
export interface Point {
  call: string;
  ordinal: number;
  text: string;
}

/** Everything in a registry that a command about one port may touch, by path. */
function paths({ home }: World, port: number): string[] {
  const claim = `${home}/claims/${port}.json`;
  const last = `${home}/last-ports.json`;
  const history = [`${home}/history.jsonl`, `${home}/.pending`];
  return [
    `${home}/.lock`,
    `${home}/claims`,
    claim,
    `${claim}.tmp`,
    last,
    `${last}.tmp`,
    ...history,
  ];
}

const tracing = (world: World, port: number, log: string, ...more: string[]) => [
  "strace",
  "-f",
  "-qq",
  "-o",
  log,
  ...more,
  ...paths(world, port).flatMap((path) => ["-P", path]),
  ...PORTCLAIM,
];

const CHANGE = /^(openat.*O_CREAT\|O_(EXCL|APPEND)|unlink|rename|mkdir)/;

/** The system calls of a command on the registry, from its first change under the lock on. */
export async function changesOf(world: World, port: number, args: string[]): Promise<Point[]> {
  const log = world.path("strace");
  const { code, err } = await world.exec([...tracing(world, port, log), ...args]);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${err}`);
  const lines = readFileSync(log, "utf8")
    .split("\n")
    .map((line) => line.replace(/^\d+ +/, ""))
    .filter((line) => /^\w+\(/.test(line));
  const counts = new Map<string, number>();
  const points = lines.map((text) => {
    const call = text.slice(0, text.indexOf("("));
    counts.set(call, (counts.get(call) ?? 0) + 1);
    return { call, ordinal: counts.get(call) ?? 0, text };
  });
  const locked = points.findIndex(({ text }) => text.includes("LOCK_EX"));
  const first = points.findIndex(({ text }, i) => i > locked && CHANGE.test(text));
  return points.slice(first);
}

/** Runs a command that SIGKILL ends as it enters one of its system calls. */
export async function killAt(
  world: World,
  port: number,
  args: string[],
  { call, ordinal }: Point,
): Promise<void> {
  const inject = ["-e", `inject=${call}:signal=KILL:when=${ordinal}`];
  const { code, out } = await world.exec([
    ...tracing(world, port, world.path("killed"), ...inject),
    ...args,
  ]);
  if (code !== 137) throw new Error(`it lived to see ${call}: it ended with ${code}, ${out}`);
}
