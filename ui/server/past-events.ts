import type { HistoryEvent } from "../../registry/model/event.ts";
import { type HistoryFilter, readHistory } from "../../registry/store/history.ts";
import type { Registry } from "../../registry/store/registry.ts";
import type { PastEvent } from "../page/wire.ts";

const KINDS: Record<HistoryEvent["event"], PastEvent["kind"]> = {
  claimed: "starting",
  adopted: "listening",
  released: "gone",
  reaped: "gone",
  stopped: "gone",
  denied: "orphaned",
};

/** The registry's history for the page, oldest first; empty if it can't be read. */
export function pastEvents(registry: Registry, filter: HistoryFilter): PastEvent[] {
  try {
    return readHistory(registry, filter).flatMap((event) => pastEvent(event) ?? []);
  } catch {
    // It is only a log: the claims on the page don't depend on it.
    return [];
  }
}

function pastEvent({ at, event, port, service, project, agent, by, reason }: HistoryEvent) {
  if (port === null) return undefined;
  const who = (event === "claimed" && agent) || by;
  const text = `${event}${who ? ` by ${who}` : ""}${reason ? `: ${reason}` : ""}`;
  const claim = { service: service ?? "", project: project ?? "", agent };
  return { at, port, kind: KINDS[event], ...claim, text };
}
