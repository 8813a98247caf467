import {
  type ClaimView,
  formatAge,
  type ListenerView,
  withUrl,
} from "../../registry/model/claim.ts";
import { listClaims } from "../../registry/query/list.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { defineCommand } from "../command.ts";
import { openAnyway } from "../context.ts";
import { printJson } from "../output/io.ts";
import { table } from "../output/table.ts";
import { warnAboutServer } from "../output/warnings.ts";

export const listCommand = () =>
  defineCommand({
    name: "list",
    about: `States: starting (about to be bound), listening (in use), occupied (another process took the port), idle (nothing has listened for the grace period), orphaned (the owner exited, the server runs), dead (removed with the next acquire), unknown (on another host, or in another container).`,
    output: "json",
    options: {
      service: {
        type: "text",
        summary: "Only claims of this service.",
        value: "SERVICE",
        short: "s",
        plain: true,
      },
      project: { type: "text", summary: "Only claims of this project.", value: "NAME" },
      agent: { type: "text", summary: "Only claims of this agent.", value: "NAME" },
      all: { type: "flag", summary: "Also what listens in the port range without a claim." },
    },
    examples: [
      ["portclaim list", "List all claims."],
      ["portclaim list --all", "Also list servers that claimed no port."],
      ["portclaim list --json | jq '.[].port'", "Print the claimed ports."],
    ],
    async run({ service, project, agent, all }, io) {
      const registry = await openAnyway(io);
      const { claims, unreadable } = listClaims(registry, { service, project, agent });
      const rows = all ? await withUnclaimed(registry, claims) : claims;
      if (io.json)
        printJson(
          io,
          rows.map((row) => (row.state === "unclaimed" ? row : withUrl(row))),
        );
      else if (rows.length > 0) io.print(formatRows(rows, io.color));
      for (const { port, problem } of unreadable) {
        io.say(`port ${port} is reserved by an unreadable claim file: ${problem}`);
      }
      if (io.json) return;
      for (const claim of claims) warnAboutServer(claim, io);
      if (rows.length === 0) io.say(whyEmpty(registry, { service, project, agent }));
    },
  });

interface Unclaimed {
  port: number;
  state: "unclaimed";
  listeners: ListenerView[];
}

/** These claims, and every listener of the port range that no claim reserves. */
async function withUnclaimed(
  registry: Registry,
  shown: readonly ClaimView[],
): Promise<(ClaimView | Unclaimed)[]> {
  const { findUnclaimed } = await import("../../registry/query/unclaimed.ts");
  const { claims, unreadable } = listClaims(registry);
  const claimed = [...claims, ...unreadable].map(({ port }) => port);
  const unclaimed = findUnclaimed(registry, claimed).map((each) => ({
    ...each,
    state: "unclaimed" as const,
  }));
  return [...shown, ...unclaimed].toSorted((a, b) => a.port - b.port);
}

/** As many services are named where no claim matches. */
const SHOWN = 10;

function whyEmpty(registry: Registry, filter: Record<string, string | undefined>): string {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  const others = given.length === 0 ? [] : listClaims(registry).claims;
  if (others.length === 0) return "no claims; to claim a port: portclaim acquire SERVICE";
  const names = given.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(" and ");
  const services = [...new Set(others.map((claim) => `${claim.service} in ${claim.project}`))];
  const more = services.splice(SHOWN).length;
  const all = more === 0 ? services : [...services, `${more} more`];
  return `no claims match ${names}; claimed: ${all.join(", ")}`;
}

function formatRows(rows: (ClaimView | Unclaimed)[], color: boolean): string {
  const headings = ["PORT", "STATE", "SERVICE", "PROJECT", "AGENT", "OWNER", "AGE", "LEASE"];
  return table(headings, rows.map(toCells), color);
}

function toCells(row: ClaimView | Unclaimed): string[] {
  if (row.state === "unclaimed") {
    const [first] = row.listeners;
    const by = first?.pid ? `${first.command} (${first.pid})` : `a process of user ${first?.uid}`;
    const age = first?.age === undefined || first.age === null ? "-" : formatAge(first.age);
    return [String(row.port), row.state, "-", "-", "-", by, age, "-"];
  }
  const owner = `${row.owner?.command ?? "?"} (${row.pid})`;
  const { port, service, project, agent, age, lease, listeners } = row;
  const isSuspended = row.state === "listening" && listeners.some(({ suspended }) => suspended);
  const state = isSuspended ? "suspended" : row.state;
  return [String(port), state, service, project, agent ?? "-", owner, formatAge(age), lease];
}
