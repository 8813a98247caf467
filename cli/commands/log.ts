import type { HistoryEvent } from "../../registry/model/event.ts";
import { formatTime } from "../../registry/model/time.ts";
import { readHistory } from "../../registry/store/history.ts";
import { defineCommand } from "../command.ts";
import { openAnyway } from "../context.ts";
import { printJson } from "../output/io.ts";
import { table } from "../output/table.ts";
import { TARGET } from "../parse/target.ts";

const LIMIT = 50;

export const logCommand = defineCommand({
  name: "log",
  about: `Shows what happened, the newest last: claimed, adopted (the owner exited, and its server took over), stopped, released, reaped (the owner exited), denied (an agent was kept from ending a server). BY is the owner that did it.

The last 1 to 2 MiB are kept, in history.jsonl.`,
  output: "json",
  options: {
    port: { ...TARGET.port, summary: "Only events of this port." },
    service: { ...TARGET.service, summary: "Only events of this service." },
    project: { ...TARGET.project, summary: "Only events of this project." },
    since: {
      type: "duration",
      summary: "Only events that are at most this old.",
      value: "DURATION",
    },
    limit: {
      type: "count",
      summary: `Only this many of the newest events (default: ${LIMIT}, or all with --since).`,
      value: "N",
      short: "n",
    },
  },
  examples: [
    ["portclaim log 3000", "Show who had port 3000, and why it changed hands."],
    ["portclaim log web --since 1h", "Show what happened to web in the last hour."],
    ["portclaim log -n 1000 --json | jq '.[] | select(.event == \"denied\")'", "Print denials."],
  ],
  async run({ since, limit, port, service, project }, io) {
    const registry = await openAnyway(io);
    const now = registry.machine.wallClock();
    const events = readHistory(registry, {
      port,
      service,
      project,
      since: since === undefined ? undefined : formatTime(now - Math.round(since * 1e6)),
      limit: limit ?? (since === undefined ? LIMIT : undefined),
    });
    if (io.json) return printJson(io, events);
    if (events.length === 0) return io.say("no such events");
    const headings = ["TIME", "EVENT", "PORT", "SERVICE", "PROJECT", "BY", "REASON"];
    const today = dayOf(new Date(now / 1000));
    const rows = events.map((event) => cellsOf(event, today));
    const redundant = project === undefined ? [] : ["PROJECT"];
    const { color, width } = io;
    io.print(table(headings, rows, { color, width, redundant, spare: ["PROJECT", "BY"] }));
  },
});

function cellsOf(event: HistoryEvent, today: string): string[] {
  const { port, service, project, by, reason } = event;
  const time = new Date(event.at);
  const clock = time.toTimeString().slice(0, 8);
  const shown = dayOf(time) === today ? clock : `${dayOf(time)} ${clock}`;
  const who = by?.replace("(pid ", "(") ?? "";
  return [shown, event.event, port ?? "", service ?? "", project ?? "", who, reason ?? ""].map(
    String,
  );
}

/** The local date: 2026-03-17. */
function dayOf(time: Date): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}
