import { listClaims } from "../../registry/query/list.ts";
import { output, input } from "../schema.ts";
import type { Call, Tool } from "../tool.ts";
import { brief } from "../views.ts";

interface Input {
  project?: string;
  agent?: string;
}

export const listTool: Tool = {
  name: "portclaim_list",
  title: "List claimed ports",
  description:
    "Lists every claimed port on this machine: the service, its project and directory, which agent or process claimed " +
    "it, and whether anything listens. Changes nothing. Use it to see who holds a port that you wanted.",
  input: {
    project: input.name("Only this project's"),
    agent: input.name('Only this agent\'s, like "claude-code"'),
  },
  required: [],
  output: {
    claims: output.list("Claims by port", output.claim("A claim")),
    unreadable: output.list(
      "Ports held by a claim file that can't be understood",
      output.object("Such a file", {
        port: output.integer("Port that it holds"),
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
    const count = claims.length === 1 ? "1 port is" : `${claims.length || "No"} ports are`;
    const hint = `${count} claimed${project || agent ? " by that" : ""}. To get one of your own, call portclaim_acquire.`;
    return { claims: claims.map(brief), unreadable, hint };
  },
};
