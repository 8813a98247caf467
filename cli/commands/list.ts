import { type ClaimView, formatAge, type ListenerView } from "../../registry/model/claim.ts";
import { listClaims } from "../../registry/query/list.ts";
import type { Registry } from "../../registry/store/registry.ts";
import type { Command } from "../command.ts";
import { open } from "../context.ts";
import { type Io, printJson } from "../output/io.ts";
import { table } from "../output/table.ts";
import type { Parsed } from "../parse/argv.ts";

export const listCommand = (): Command => ({
  name: "list",
  output: "json",
  args: {
    project: { type: "string", description: "Only this project's", valueHint: "NAME" },
    agent: { type: "string", description: "Only this agent's", valueHint: "NAME" },
    service: { type: "string", description: "Only this service's", valueHint: "NAME" },
    all: { type: "boolean", description: "Also what listens in the pool without a claim" },
  },
  examples: [
    ["portclaim list", "everything, as a table"],
    ["portclaim list --all", "also the servers that nobody claimed a port for"],
    ["portclaim list --json | jq '.[].port'", "the claimed ports"],
  ],
  run,
});

async function run(args: Parsed, io: Io): Promise<void> {
  const registry = await open(io);
  const project = args.text("project");
  const agent = args.text("agent");
  const service = args.text("service");
  const filter = {
    ...(project !== undefined && { project }),
    ...(agent !== undefined && { agent }),
    ...(service !== undefined && { service }),
  };
  const { claims, unreadable } = listClaims(registry, filter);
  const rows = args.has("all") ? await withUnclaimed(registry, claims) : claims;
  if (io.json) printJson(io, rows);
  else if (rows.length > 0) io.print(formatRows(rows, io.color));
  for (const { port, problem } of unreadable) {
    io.say(`port ${port} is held by a claim file that can't be understood: ${problem}`);
  }
  if (rows.length === 0 && !io.json) {
    io.say("no claims; claim a port with: portclaim acquire --service NAME");
  }
}

interface Unclaimed {
  port: number;
  state: "unclaimed";
  listeners: ListenerView[];
}

/** These claims, and every listener of the pool that no claim, of whomever, stands for. */
async function withUnclaimed(
  registry: Registry,
  shown: readonly ClaimView[],
): Promise<(ClaimView | Unclaimed)[]> {
  const { findUnclaimed: findStrangers } = await import("../../registry/query/unclaimed.ts");
  const { claims, unreadable } = listClaims(registry);
  const held = [...claims, ...unreadable].map(({ port }) => port);
  const strangers = findStrangers(registry, held).map((each) => ({
    ...each,
    state: "unclaimed" as const,
  }));
  return [...shown, ...strangers].toSorted((a, b) => a.port - b.port);
}

function formatRows(rows: (ClaimView | Unclaimed)[], color: boolean): string {
  const headings = ["PORT", "STATE", "SERVICE", "PROJECT", "AGENT", "OWNER", "AGE", "LEASE"];
  return table(headings, rows.map(toCells), color);
}

function toCells(row: ClaimView | Unclaimed): string[] {
  if (row.state === "unclaimed") {
    const [first] = row.listeners;
    const who = first?.pid ? `${first.command} (${first.pid})` : `a process of user ${first?.uid}`;
    const age = first?.age === undefined || first.age === null ? "-" : formatAge(first.age);
    return [String(row.port), row.state, "-", "-", "-", who, age, "-"];
  }
  const owner = `${row.owner?.command ?? "?"} (${row.pid})`;
  const { port, state, service, project, agent, age, lease } = row;
  return [String(port), state, service, project, agent ?? "-", owner, formatAge(age), lease];
}
