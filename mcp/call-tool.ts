import {
  type CallToolRequest,
  type CallToolResult,
  ErrorCode,
  McpError,
  type Tool as ListedTool,
} from "@modelcontextprotocol/sdk/types.js";
import type { Registry } from "../registry/store/registry.ts";
import { withPlainNames } from "./plain-result.ts";
import { errorResult, outputSchema, successResult } from "./result.ts";
import type { Session } from "./session.ts";
import { acquireTool } from "./tools/acquire.ts";
import { findTool } from "./tools/find.ts";
import { listTool } from "./tools/list.ts";
import { reapTool } from "./tools/reap.ts";
import { releaseTool } from "./tools/release.ts";
import { validateArguments } from "./validate.ts";

const TOOLS = [acquireTool, releaseTool, findTool, listTool, reapTool];

/** The five tools as `tools/list` describes them. */
export function listTools(): ListedTool[] {
  return TOOLS.map((tool) => {
    const { name, title, description, input, required, annotations } = tool;
    return {
      name,
      title,
      description,
      inputSchema: { type: "object", properties: input, required, additionalProperties: false },
      outputSchema: outputSchema(tool),
      annotations: { title, ...annotations, openWorldHint: false },
    };
  });
}

/** Runs one tool. Every failure is a result that a model can read; only an unknown tool is a protocol error. */
export async function callTool(
  { name, arguments: given }: CallToolRequest["params"],
  session: Session,
  signal: AbortSignal,
): Promise<CallToolResult> {
  const tool = TOOLS.find((one) => one.name === name);
  if (!tool) throw new McpError(ErrorCode.InvalidParams, `unknown tool ${JSON.stringify(name)}`);
  let registry: Registry | undefined;
  try {
    const args = validateArguments(tool, given);
    registry = tool.needsConfig ? await session.host.open() : await session.host.openAnyway();
    const data = await tool.run(args as never, { registry, session, signal });
    return successResult(withPlainNames(data, registry));
  } catch (error) {
    return errorResult(error, registry, session);
  }
}
