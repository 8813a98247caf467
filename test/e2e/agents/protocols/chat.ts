import { type Protocol, stream, textOf } from "../protocol.ts";

/** https://platform.openai.com/docs/api-reference/chat: opencode, Qwen Code, Copilot CLI and Cline. */
export const chat: Protocol = {
  path: /\/chat\/completions$/,

  read({ tools = [], messages = [] }) {
    return {
      tools: tools.map(({ function: tool }: any) => ({
        name: tool?.name ?? "",
        schema: tool?.parameters ?? {},
      })),
      results: messages
        .filter(({ role }: any) => role === "tool")
        .map(({ content }: any) => textOf(content)),
    };
  },

  reply({ model, stream: isStream }, _path, action) {
    const isCall = "tool" in action;
    const message = isCall
      ? {
          role: "assistant",
          content: null,
          tool_calls: [
            {
              index: 0,
              id: action.id,
              type: "function",
              function: { name: action.tool.name, arguments: JSON.stringify(action.input) },
            },
          ],
        }
      : { role: "assistant", content: action.say };
    const finish_reason = isCall ? "tool_calls" : "stop";
    const head = { id: `chatcmpl-${crypto.randomUUID()}`, created: 1, model };
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    if (!isStream) {
      const choices = [{ index: 0, message, finish_reason }];
      return Response.json({ ...head, object: "chat.completion", choices, usage });
    }
    const chunk = (delta: object, reason: string | null) => ({
      ...head,
      object: "chat.completion.chunk",
      choices: [{ index: 0, delta, finish_reason: reason }],
      usage,
    });
    return stream([chunk(message, null), chunk({}, finish_reason)], "data: [DONE]\n\n");
  },
};
