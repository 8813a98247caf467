import { type Protocol, stream, textOf } from "../protocol.ts";

/** https://ai.google.dev/api/generate-content: Gemini CLI. */
export const gemini: Protocol = {
  path: /:(stream)?[gG]enerateContent$/,

  read({ tools = [], contents = [] }) {
    const declared = tools.flatMap(({ functionDeclarations = [] }: any) => functionDeclarations);
    return {
      tools: declared.map(({ name, parametersJsonSchema, parameters }: any) => ({
        name,
        schema: parametersJsonSchema ?? parameters ?? {},
      })),
      results: contents
        .flatMap(({ parts = [] }: any) => parts)
        .filter(({ functionResponse }: any) => functionResponse)
        .map(({ functionResponse }: any) => textOf(functionResponse.response)),
    };
  },

  reply(_body, path, action) {
    const part =
      "tool" in action
        ? { functionCall: { name: action.tool.name, args: action.input } }
        : { text: action.say };
    const answer = {
      candidates: [{ content: { role: "model", parts: [part] }, finishReason: "STOP", index: 0 }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    };
    return path.includes(":stream") ? stream([answer]) : Response.json(answer);
  },
};
