import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import type { Registry } from "../registry/store/registry.ts";
import { failureOf } from "./refusals.ts";
import { output } from "./schema.ts";
import type { Session } from "./session.ts";
import type { Field, Tool } from "./tool.ts";

const SHARED: Record<"ok" | "hint" | "error", Field> = {
  ok: { type: "boolean", description: "Whether it was done; if not, see error" },
  hint: output.text("What to do next"),
  error: output.object(
    "Why it was not done; absent if it was",
    {
      code: output.text(
        'Kind of refusal, like "port-taken", "not-owner", "not-found", "invalid", "locked"',
      ),
      message: output.text("What is so"),
    },
    {
      holder: output.claim("The claim that is in the way"),
      choices: output.list("Names to choose from", output.text("A project or service")),
    },
  ),
};

/** The shape of a tool's results, refusals included: some clients hold those to it too. */
export function outputSchema(tool: Tool) {
  return {
    type: "object" as const,
    properties: { ...tool.output, ...SHARED },
    required: ["ok", "hint"],
    additionalProperties: false,
  };
}

// The same twice: some clients show a model only the text, others only the structure.
function result(structuredContent: Record<string, unknown>): CallToolResult {
  const text = JSON.stringify(structuredContent);
  return { content: [{ type: "text", text }], structuredContent };
}

export function succeeded(data: Record<string, unknown>): CallToolResult {
  return result({ ok: true, ...data });
}

/** A refusal as a result: a model can act on that, but not on an error of the protocol. */
export function failed(
  thrown: unknown,
  registry: Registry | undefined,
  session: Session,
): CallToolResult {
  const ownPid = registry && session.tryCaller(registry.machine)?.owner.pid;
  const failure = failureOf(thrown, registry, ownPid);
  if (failure) return { ...result({ ok: false, ...failure }), isError: true };
  const { message, stack } = thrown as Error;
  session.host.log(stack ?? String(thrown));
  const error = { code: "bug", message: `portclaim failed: ${message}` };
  const hint =
    "This is a bug in portclaim. Tell the user, who may find its trace in this server's log.";
  return { ...result({ ok: false, error, hint }), isError: true };
}
