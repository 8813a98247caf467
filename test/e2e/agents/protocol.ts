/** A tool that an agent offers to its model. */
export interface OfferedTool {
  name: string;
  /** The tool's namespace, if a call gives it separately. */
  namespace?: string;
  /** JSON schema of its input. */
  schema: { properties?: Record<string, unknown>; required?: string[] };
}

/** What the model answers: a text that ends its turn, or a call of a tool. */
export type Action = { say: string } | { id: string; tool: OfferedTool; input: object };

/** The format of requests to a model's service, and of its answers. */
export interface Protocol {
  /** The paths of its requests. */
  path: RegExp;
  /** The tools that a request offers, and the results of all calls before it. */
  read(body: any): { tools: OfferedTool[]; results: string[] };
  reply(body: any, path: string, action: Action): Response;
}

/** An answer of server-sent events, each with the name that its type says. */
export function stream(events: object[], end = ""): Response {
  const text = events.map((data) => {
    const name = "type" in data ? `event: ${String(data.type)}\n` : "";
    return `${name}data: ${JSON.stringify(data)}\n\n`;
  });
  return new Response(text.join("") + end, { headers: { "content-type": "text/event-stream" } });
}

/** All text in a tool's result, however it is wrapped. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textOf).join("\n");
  if (typeof value !== "object" || value === null) return "";
  const { text, output, error, content } = value as Record<string, unknown>;
  return textOf(text ?? output ?? error ?? content ?? JSON.stringify(value));
}
