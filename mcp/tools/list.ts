import { listClaims } from "../../registry/query/list.ts";
import { summarize } from "../claim-summary.ts";
import { input, output } from "../schema.ts";
import type { Call, Tool } from "../tool.ts";

interface Input {
  project?: string;
  agent?: string;
}

export const listTool: Tool = {
  name: "portclaim_list",
  title: "List claimed ports",
  description:
    "Lists every claimed port on this machine: its service, project and directory, the agent or process that claimed " +
    "it, and whether anything listens. Changes nothing. Use it to see what uses a port that you wanted.",
  input: {
    project: input.name("Only claims of this project"),
    agent: input.name('Only claims of this agent, for example "claude-code"'),
  },
  required: [],
  output: {
    claims: output.list("Claims by port", output.claim("A claim")),
    unreadable: output.list(
      "Ports reserved by a claim file that can't be read",
      output.object("An unreadable claim file", {
        port: output.integer("Port that it reserves"),
        problem: output.text("What is wrong with it"),
      }),
    ),
  },
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
  run: async ({ project, agent }: Input, { registry }: Call) => {
    const names = {
      ...(project !== undefined && { project }),
      ...(agent !== undefined && { agent }),
    };
    const { claims, unreadable } = listClaims(registry, names);
    const count = claims.length === 1 ? "1 claim" : `${claims.length || "No"} claims`;
    const hint = `${count}${project || agent ? " matched" : ""}. To claim a port, call portclaim_acquire.`;
    return { claims: claims.map(summarize), unreadable, hint };
  },
};
