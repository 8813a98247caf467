import type { HistoryEvent } from "../registry/model/event.ts";

/** A change that the history of a port leaves out: a line doesn't follow from those before it. */
export interface Gap {
  port: number;
  what: string;
}

export const nameOf = ({ service, project }: { service: string | null; project: string | null }) =>
  `${service} in ${project}`;

/**
 * Checks the history of each port: claimed, perhaps again or adopted, then released or reaped. Adds the
 * names of the claims that there are in the end to `claimed`, and returns the gaps.
 */
export function followStory(events: readonly HistoryEvent[], claimed: Map<number, string>): Gap[] {
  const gaps: Gap[] = [];
  for (const one of events) {
    const { event, port, reason } = one;
    if (port === null || event === "stopped" || event === "denied") continue;
    const name = nameOf(one);
    const now = claimed.get(port);
    const isNew = event === "claimed" && reason !== "acquired again";
    const differs = isNew ? now !== undefined : one.service !== null && now !== name;
    if (differs && now !== undefined) gaps.push({ port, what: `the end of ${now}` });
    if (differs && !isNew) gaps.push({ port, what: `the claim of ${name}` });
    if (event === "released" || event === "reaped") claimed.delete(port);
    else claimed.set(port, name);
  }
  return gaps;
}
