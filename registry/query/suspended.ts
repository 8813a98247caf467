import type { State } from "../model/claim.ts";

interface Listening {
  pid?: number | null;
  command?: string | null;
  suspended?: true;
}

/** "is suspended (vite, pid 4711)", if no process that belongs to the claim can respond; else `undefined`. */
export function describeSuspended({
  state,
  listeners,
  foreign = [],
}: {
  state: State | (string & {});
  listeners: readonly Listening[];
  foreign?: readonly Listening[];
}): string | undefined {
  const own = listeners.filter(({ pid }) => !foreign.some((other) => other.pid === pid));
  const [first] = own;
  if (state === "occupied" || !first || !own.every(({ suspended }) => suspended)) return undefined;
  return `is suspended (${first.command ?? "unknown"}, pid ${first.pid})`;
}
