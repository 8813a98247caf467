import type { HistoryEvent } from "../registry/model/event.ts";

/** A line that doesn't follow from those before it: a change in between is missing. */
export interface Gap {
  port: number;
  /** What must have happened, and between which times. */
  what: string;
  after: string;
  before: string;
}

interface Told {
  name: string;
  at: string;
}

export const nameOf = ({ service, project }: { service: string | null; project: string | null }) =>
  `${service} in ${project}`;

/**
 * Checks the history of each port: claimed, perhaps again or adopted, then released or reaped. Adds the
 * ports that are claimed in the end to `claimed`, and returns the gaps.
 */
export function followStory(events: readonly HistoryEvent[], claimed: Map<number, Told>): Gap[] {
  const gaps: Gap[] = [];
  const last = new Map<number, string>();
  for (const one of events) {
    const { at, event, port, reason } = one;
    if (port === null || event === "stopped" || event === "denied") continue;
    const name = nameOf(one);
    const gap = (what: string) =>
      gaps.push({ port, what, after: last.get(port) ?? "", before: at });
    const now = claimed.get(port)?.name;
    if (event === "claimed" && reason !== "acquired again") {
      if (now !== undefined) gap(`the end of ${now}`);
    } else if (one.service !== null && now !== name) {
      if (now !== undefined) gap(`the end of ${now}`);
      gap(`the claim of ${name}`);
    }
    if (event === "released" || event === "reaped") claimed.delete(port);
    else claimed.set(port, { name, at });
    last.set(port, at);
  }
  return gaps;
}
