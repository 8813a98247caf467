import { type ClaimView, formatAge } from "../../registry/claim.ts";
import { listClaims } from "../../registry/view.ts";
import type { Parsed } from "../argv.ts";
import type { Command } from "../command.ts";
import { open } from "../context.ts";
import { type Io, printJson } from "../io.ts";
import { table } from "../table.ts";

export const listCommand: Command = {
  name: "list",
  description: "Show who holds which port, and what is so",
  output: "json",
  args: {
    project: { type: "string", description: "Only this project's", valueHint: "NAME" },
    agent: { type: "string", description: "Only this agent's", valueHint: "NAME" },
    service: { type: "string", description: "Only this service's", valueHint: "NAME" },
  },
  examples: [
    ["portclaim list", "everything, as a table"],
    ["portclaim list --json | jq '.[].port'", "the claimed ports"],
  ],
  run,
};

async function run(args: Parsed, io: Io): Promise<void> {
  const registry = await open(io);
  const filter: { project?: string; agent?: string; service?: string } = {};
  for (const key of ["project", "agent", "service"] as const) {
    const value = args.text(key);
    if (value !== undefined) filter[key] = value;
  }
  const { claims, unreadable } = listClaims(registry, filter);
  if (io.json) printJson(io, claims);
  else io.print(claims.length === 0 ? "" : formatClaims(claims, io.color));
  for (const { port, problem } of unreadable) {
    io.say(`port ${port} is held by a claim file that can't be understood: ${problem}`);
  }
  if (claims.length === 0 && !io.json)
    io.say("no claims; claim a port with: portclaim acquire --service NAME");
}

function formatClaims(claims: ClaimView[], color: boolean): string {
  const headings = ["PORT", "STATE", "SERVICE", "PROJECT", "AGENT", "OWNER", "AGE", "LEASE"];
  const rows = claims.map((claim) => [
    String(claim.port),
    claim.state,
    claim.service,
    claim.project,
    claim.agent ?? "-",
    `${claim.owner?.command ?? "?"} (${claim.pid})`,
    formatAge(claim.age),
    claim.lease,
  ]);
  return table(headings, rows, color);
}
