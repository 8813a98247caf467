import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { describeFailure } from "../native/errno.ts";
import { type Reason, RegistryError } from "../registry/errors/errors.ts";
import { hintsFor } from "../registry/errors/hints.ts";
import { plainService } from "../registry/model/plain-names.ts";
import type { Registry } from "../registry/store/registry.ts";
import { type ClaimSummary, summarizeNow } from "./claim-summary.ts";
import { withPlainNames } from "./plain-result.ts";
import { output } from "./schema.ts";
import type { Session } from "./session.ts";
import type { Field, Tool } from "./tool.ts";

const SHARED: Record<"ok" | "hint" | "error", Field> = {
  ok: { type: "boolean", description: "Whether the call succeeded; if not, see error" },
  hint: output.text("What to do next"),
  error: output.object(
    "Why the call failed; absent if it succeeded",
    {
      code: output.text(
        'Kind of error, such as "port-taken", "not-owner", "not-found", "invalid" or "locked"',
      ),
      message: output.text("The cause, in words"),
    },
    {
      holder: output.claim("The claim that is in the way"),
      choices: output.list("Names to choose from", output.text("A project or service")),
    },
  ),
};

/** The schema of a tool's results, errors included, because some clients validate those too. */
export function outputSchema(tool: Tool) {
  return {
    type: "object" as const,
    properties: { ...tool.output, ...SHARED },
    required: ["ok", "hint"],
    additionalProperties: false,
  };
}

// Some clients show the model only the text, others only the structure.
function result(structuredContent: Record<string, unknown>): CallToolResult {
  const text = JSON.stringify(structuredContent);
  return { content: [{ type: "text", text }], structuredContent };
}

export function successResult(data: Record<string, unknown>): CallToolResult {
  return result({ ok: true, ...data });
}

/** A failed call's result, which a model can act on, unlike on a protocol error. */
export function errorResult(
  thrown: unknown,
  registry: Registry | undefined,
  session: Session,
): CallToolResult {
  let failure = describe(thrown, registry, session);
  if (failure === undefined) {
    const { message, stack } = thrown as Error;
    session.host.log(stack ?? String(thrown));
    failure = {
      error: { code: "bug", message: `portclaim failed: ${message}` },
      hint: "This is a bug in portclaim. Tell the user; the stack trace is in this server's log.",
    };
  }
  return { ...result({ ok: false, ...withPlainNames(failure, registry) }), isError: true };
}

interface Failure {
  error: { code: string; message: string; holder?: ClaimSummary; choices?: string[] };
  hint: string;
}

/** An error in words, with what to do about it; `undefined` for a bug. */
function describe(
  thrown: unknown,
  registry: Registry | undefined,
  session: Session,
): Failure | undefined {
  if (thrown instanceof RegistryError) {
    const { message, reason } = thrown;
    const claim = "claim" in reason ? reason.claim : undefined;
    const choices = "choices" in reason ? reason.choices : undefined;
    const holder = claim && registry && { holder: summarizeNow(registry, claim) };
    const error = { code: reason.code, message, ...holder, ...(choices && { choices }) };
    return { error, hint: ownPortHint(reason, registry, session) ?? hintsFor(reason).model };
  }
  const { name, code, call, path } = thrown as Error & Record<string, string | undefined>;
  if (name === "SystemError" && code !== undefined) {
    const message = describeFailure(call ?? "use", path, code);
    return { error: { code, message }, hint: "Tell the user that the registry can't be used." };
  }
  if (code === "E_FFI") {
    const message = "cannot change claims: this process is not allowed to compile calls to libc";
    const hint =
      "portclaim_find and portclaim_list still work. Tell the user that this server needs a JIT compiler.";
    return { error: { code, message }, hint };
  }
  return undefined;
}

/** The hint for a preferred port that the caller itself has claimed. */
function ownPortHint(
  reason: Reason,
  registry: Registry | undefined,
  session: Session,
): string | undefined {
  if (reason.code !== "port-taken" || reason.claim === undefined) return undefined;
  const { pid, port } = reason.claim;
  const isOwn = registry && session.findCaller(registry.machine)?.owner.pid === pid;
  if (!isOwn) return undefined;
  return `You claimed it yourself, for ${plainService(reason.claim)}: use it for that, or call portclaim_release with port ${port} first.`;
}
