import { type Protocol, stream, textOf } from "../protocol.ts";

/** https://docs.anthropic.com/en/api/messages: Claude Code, Continue. */
export const anthropic: Protocol = {
  path: /\/messages$/,

  read({ tools = [], messages = [] }) {
    const blocks = messages.flatMap(({ content }: any) => (Array.isArray(content) ? content : []));
    return {
      tools: tools.map(({ name, input_schema }: any) => ({ name, schema: input_schema ?? {} })),
      results: blocks
        .filter(({ type }: any) => type === "tool_result")
        .map(({ content }: any) => textOf(content)),
    };
  },

  reply({ model, stream: isStream }, _path, action) {
    const isCall = "tool" in action;
    const start = isCall
      ? { type: "tool_use", id: action.id, name: action.tool.name, input: {} }
      : { type: "text", text: "" };
    const message = {
      id: `msg_${crypto.randomUUID()}`,
      type: "message",
      role: "assistant",
      model,
      content: [] as object[],
      stop_reason: null as string | null,
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    };
    const stop_reason = isCall ? "tool_use" : "end_turn";
    if (!isStream) {
      const block = isCall ? { ...start, input: action.input } : { ...start, text: action.say };
      return Response.json({ ...message, content: [block], stop_reason });
    }
    const delta = isCall
      ? { type: "input_json_delta", partial_json: JSON.stringify(action.input) }
      : { type: "text_delta", text: action.say };
    return stream([
      { type: "message_start", message },
      { type: "content_block_start", index: 0, content_block: start },
      { type: "content_block_delta", index: 0, delta },
      { type: "content_block_stop", index: 0 },
      {
        type: "message_delta",
        delta: { stop_reason, stop_sequence: null },
        usage: { output_tokens: 1 },
      },
      { type: "message_stop" },
    ]);
  },
};
