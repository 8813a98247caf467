import { type OfferedTool, type Protocol, stream, textOf } from "../protocol.ts";

/** https://platform.openai.com/docs/api-reference/responses: Codex. */
export const responses: Protocol = {
  path: /\/responses$/,

  read({ tools = [], input = [] }) {
    const items = Array.isArray(input) ? input : [];
    return {
      tools: tools.flatMap((tool: any) => toolsIn(tool)),
      results: items
        .filter(({ type }: any) => /^(function|custom_tool)_call_output$/.test(type))
        .map(({ output }: any) => textOf(output)),
    };
  },

  reply(_body, _path, action) {
    const id = `resp_${crypto.randomUUID()}`;
    const item =
      "tool" in action
        ? {
            type: "function_call",
            id: `fc_${action.id}`,
            call_id: action.id,
            name: action.tool.name,
            ...(action.tool.namespace !== undefined && { namespace: action.tool.namespace }),
            arguments: JSON.stringify(action.input),
          }
        : {
            type: "message",
            id: `msg_${id}`,
            role: "assistant",
            content: [{ type: "output_text", text: action.say, annotations: [] }],
          };
    const usage = {
      input_tokens: 1,
      output_tokens: 1,
      total_tokens: 2,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    };
    return stream([
      { type: "response.created", response: { id } },
      { type: "response.output_item.done", output_index: 0, item },
      { type: "response.completed", response: { id, usage } },
    ]);
  },
};

function toolsIn({ type, name, parameters, tools }: any, namespace?: string): OfferedTool[] {
  if (type === "namespace") return tools.flatMap((tool: any) => toolsIn(tool, name));
  return [
    { name: name ?? type, schema: parameters ?? {}, ...(namespace !== undefined && { namespace }) },
  ];
}
