import {
  type CallToolRequest,
  type CallToolResult,
  ErrorCode,
  McpError,
  type Tool as ShownTool,
} from "@modelcontextprotocol/sdk/types.js";
import type { Registry } from "../registry/store/registry.ts";
import { checkArguments } from "./arguments.ts";
import { failed, outputSchema, succeeded } from "./results.ts";
import type { Session } from "./session.ts";
import { acquireTool } from "./tools/acquire.ts";
import { findTool } from "./tools/find.ts";
import { listTool } from "./tools/list.ts";
import { reapTool } from "./tools/reap.ts";
import { releaseTool } from "./tools/release.ts";

const TOOLS = [acquireTool, releaseTool, findTool, listTool, reapTool];

/** The five tools as a client is shown them. */
export function showTools(): ShownTool[] {
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

/** Runs one tool. Whatever stops it is its result; only an unknown tool is an error. */
export async function callTool(
  { name, arguments: given }: CallToolRequest["params"],
  session: Session,
  signal: AbortSignal,
): Promise<CallToolResult> {
  const tool = TOOLS.find((one) => one.name === name);
  if (!tool)
    throw new McpError(ErrorCode.InvalidParams, `There is no tool ${JSON.stringify(name)}`);
  let registry: Registry | undefined;
  try {
    const args = checkArguments(tool, given);
    registry = await session.host.open();
    return succeeded(await tool.run(args as never, { registry, session, signal }));
  } catch (error) {
    return failed(error, registry, session);
  }
}
