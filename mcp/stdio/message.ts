import {
  CallToolRequestSchema,
  ErrorCode,
  InitializeRequestSchema,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  JSONRPCRequestSchema,
  ListResourcesRequestSchema,
  ListToolsRequestSchema,
  PingRequestSchema,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";

interface Issues {
  issues: { path: PropertyKey[]; message: string }[];
}

interface Schema {
  safeParse(value: unknown): { error?: Issues | undefined };
}

/** The requests that the server answers. The SDK would answer invalid ones with its validator's JSON. */
const REQUESTS: Record<string, Schema> = {
  initialize: InitializeRequestSchema,
  ping: PingRequestSchema,
  "tools/list": ListToolsRequestSchema,
  "tools/call": CallToolRequestSchema,
  "resources/list": ListResourcesRequestSchema,
  "resources/read": ReadResourceRequestSchema,
  "resources/subscribe": SubscribeRequestSchema,
  "resources/unsubscribe": UnsubscribeRequestSchema,
};

/** The JSON-RPC error that answers an invalid message. */
export interface Refusal {
  error: { code: ErrorCode; message: string };
  id: string | number | null;
}

export function parseMessage(line: string): { message: JSONRPCMessage } | Refusal {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return invalid(ErrorCode.ParseError, "invalid JSON", null);
  }
  const parsed = JSONRPCMessageSchema.safeParse(json);
  if (!parsed.success) {
    const { error } = JSONRPCRequestSchema.safeParse(json);
    const isRequest = error?.issues.every(({ path }) => path[0] === "params");
    return isRequest && error
      ? invalidParams(error, json)
      : invalid(ErrorCode.InvalidRequest, "not a JSON-RPC 2.0 message", json);
  }
  const message = parsed.data;
  const isRequest = "method" in message && "id" in message;
  const schema =
    isRequest && Object.hasOwn(REQUESTS, message.method) ? REQUESTS[message.method] : undefined;
  const error = schema?.safeParse(message).error;
  return error ? invalidParams(error, json) : { message };
}

/** Only the first problem, in words: "invalid params.name: expected string, received number". */
function invalidParams({ issues: [first] }: Issues, json: unknown): Refusal {
  const path = first?.path.map(String).join(".") ?? "";
  const problem = first?.message.replace(/^Invalid input:? ?/, "").replace("record", "object");
  return invalid(ErrorCode.InvalidParams, `invalid ${path}${problem ? `: ${problem}` : ""}`, json);
}

function invalid(code: ErrorCode, message: string, json: unknown): Refusal {
  const id = (json as { id?: unknown } | null)?.id;
  const isId = typeof id === "string" || typeof id === "number";
  return { error: { code, message }, id: isId ? id : null };
}
