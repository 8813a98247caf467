import type { Action, OfferedTool } from "./protocol.ts";
import { anthropic } from "./protocols/anthropic.ts";
import { chat } from "./protocols/chat.ts";
import { gemini } from "./protocols/gemini.ts";
import { responses } from "./protocols/responses.ts";
import { isShellTool, shellInput } from "./shell-tools.ts";

/** What the model does in one turn. */
export type Step =
  /** Run a command with the agent's own shell tool. */
  | { sh: string; background?: boolean }
  /** Call the tool with this name, or whose name ends in it, as agents put the server's before it. */
  | { tool: string; input: object };

/** The steps of a session, in order; one may be worked out from the results before it. */
export type Script = (Step | ((results: string[]) => Step))[];

const PROTOCOLS = [anthropic, responses, chat, gemini];

/**
 * Plays a script to an agent in place of its model's service, to test the agent's own shell tool, process
 * tree, sandbox, MCP client and hooks. When the script ends, it says "done".
 */
export class Model implements Disposable {
  readonly #server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: (request) => this.#answer(request),
  });
  #script: Script = [];
  /** Which of the agent's results belong to calls that the model made to find a tool. */
  #searches = new Set<number>();
  /** The result of each step so far, as the agent returned it. */
  results: string[] = [];
  /** The names of the tools that the agent offered last. */
  tools: string[] = [];
  /** The bodies of all requests with a shell tool: what the model was told. */
  requests: string[] = [];

  /** Plays this script from now on, from its first step. */
  play(script: Script): void {
    this.#script = script;
    this.#searches = new Set();
    this.results = [];
    this.requests = [];
  }

  /** Its base URL, without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const text = await request.text();
    const protocol = PROTOCOLS.find(({ path }) => path.test(pathname));
    if (request.method === "POST" && protocol) {
      const body = JSON.parse(text);
      const { tools, results } = protocol.read(body);
      return protocol.reply(body, pathname, this.#act(tools, results, text));
    }
    if (pathname.endsWith("/models")) {
      return Response.json({ object: "list", data: [{ id: "played", object: "model" }] });
    }
    if (/count_?tokens$/i.test(pathname)) {
      return Response.json({ input_tokens: 1, totalTokens: 1 });
    }
    return Response.json({}, { status: 404 });
  }

  #act(tools: OfferedTool[], all: string[], text: string): Action {
    const shell = tools.find(isShellTool);
    // Without one, the agent asks for a title or a summary.
    if (!shell) return { say: "ok" };
    const results = all.filter((_, i) => !this.#searches.has(i));
    this.requests.push(text);
    this.tools = tools.map(({ name }) => name);
    this.results = results;
    const next = this.#script[results.length];
    if (!next) return { say: "done" };
    const step = typeof next === "function" ? next(results) : next;
    const id = `call_${all.length}_${this.requests.length}`;
    if ("sh" in step) {
      return { id, tool: shell, input: shellInput(shell, step.sh, step.background ?? false) };
    }
    const tool = tools.find(({ name }) => name.endsWith(step.tool));
    if (tool) return { id, tool, input: step.input };
    return this.#callDeferred(id, step, tools, all, text);
  }

  /** Claude Code and Qwen Code only name a server's tools; the model looks one up before it calls it. */
  #callDeferred(
    id: string,
    { tool, input }: { tool: string; input: object },
    tools: OfferedTool[],
    all: string[],
    text: string,
  ): Action {
    const names = text.replaceAll("\\n", "\n").match(new RegExp(`\\w*${tool}\\b`, "g")) ?? [];
    const name = names.toSorted((a, b) => b.length - a.length)[0];
    const search = tools.find((one) => /^tool_?search$/i.test(one.name));
    if (name === undefined || !search) {
      const shell = tools.find(isShellTool);
      if (!shell || this.#searches.size >= 10) return { say: `no tool ${tool} was offered` };
      // Codex sends its first requests before the server has started.
      this.#searches.add(all.length);
      return { id, tool: shell, input: shellInput(shell, "sleep 1", false) };
    }
    if (!this.#searches.has(all.length - 1)) {
      this.#searches.add(all.length);
      return { id, tool: search, input: { query: `select:${name}` } };
    }
    const caller = tools.find((one) => one.name === "tool_call");
    if (caller) return { id, tool: caller, input: { name, arguments: input } };
    return { id, tool: { name, schema: {} }, input };
  }

  [Symbol.dispose](): void {
    void this.#server.stop(true);
  }
}
