import type { ClaimView } from "../../registry/model/claim.ts";
import { withUrl } from "../../registry/model/url.ts";
import { listClaims } from "../../registry/query/list.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { defineCommand } from "../command.ts";
import { here, openAnyway } from "../context.ts";
import type { Row } from "../output/claim-table.ts";
import { type Io, printJson } from "../output/io.ts";
import { warnAboutServer } from "../output/warnings.ts";

export const listCommand = () =>
  defineCommand({
    name: "list",
    about: `A claim is starting (nothing listens yet), listening, idle (nothing has listened for the grace period), occupied (only a process that doesn't belong to it listens), orphaned (its owner has exited, but its server is running), dead (the next acquire removes it) or unknown (its owner is on another host or in another container).`,
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
      all: { type: "flag", summary: "Also list your servers that listen without a claim." },
    },
    examples: [
      ["portclaim list", "List all claims."],
      ["portclaim list --all", "Also list servers without a claim."],
      ["portclaim list --json | jq '.[].port'", "Print the claimed ports."],
    ],
    async run({ service, project, agent, all }, io) {
      const registry = await openAnyway(io);
      const { claims, unreadable } = listClaims(registry, { service, project, agent });
      const rows = all ? await withUnclaimed(registry, claims) : claims;
      if (io.json) printJson(io, rows.map(toJson));
      else if (rows.length > 0) await printTable(rows, registry, io);
      for (const { port, problem } of unreadable) {
        io.say(`port ${port} is reserved by an unreadable claim file: ${problem}`);
      }
      if (io.json) return;
      for (const claim of claims) warnAboutServer(claim, io);
      if (rows.length === 0) io.say(whyEmpty(registry, { service, project, agent }));
    },
  });

const toJson = (row: Row) => (row.state === "unclaimed" ? row : withUrl(row));

/** startup: scripts read JSON, so only people wait for the table's code. */
async function printTable(rows: readonly Row[], registry: Registry, io: Io): Promise<void> {
  const { claimTable } = await import("../output/claim-table.ts");
  io.print(claimTable(rows, registry, here(io, registry), io));
}

/** These claims, and every other port that this user's processes listen on. */
async function withUnclaimed(registry: Registry, shown: readonly ClaimView[]): Promise<Row[]> {
  const { findOwnUnclaimed } = await import("../../registry/query/unclaimed.ts");
  const { claims, unreadable } = listClaims(registry);
  const claimed = [...claims, ...unreadable].map(({ port }) => port);
  const unclaimed = findOwnUnclaimed(registry, claimed).map((each) => ({
    ...each,
    state: "unclaimed" as const,
  }));
  return [...shown, ...unclaimed].toSorted((a, b) => a.port - b.port);
}

/** How many services to name if no claim matches. */
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
