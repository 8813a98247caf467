import { listClaims } from "../../registry/view.ts";
import { give, take } from "../fields.ts";
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
    project: take.name("Only this project's"),
    agent: take.name('Only this agent\'s, like "claude-code"'),
  },
  required: [],
  output: {
    claims: give.list("Claims by port", give.claim("A claim")),
    unreadable: give.list(
      "Ports held by a claim file that can't be understood",
      give.object("Such a file", {
        port: give.integer("Port that it holds"),
        problem: give.text("What is wrong with it"),
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
