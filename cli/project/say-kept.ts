import type { Io } from "../output/io.ts";

/** Says which variables the environment already has. `all` has the project's own values. */
export function sayKept(io: Io, all: ReadonlyMap<string, string>, kept: readonly string[]): void {
  if (kept.length === 0) return;
  const list = kept.map((name) => `${name} (not ${all.get(name)})`).join(", ");
  io.say(`kept because already set: ${list}; unset them to use this project's values`);
}
