import type { Agent, Manner } from "../../agent.ts";
import type { Result } from "../../harness.ts";
import { quote } from "../../shell-sandbox.ts";
import type { Place } from "./place.ts";
import type { Town } from "./town.ts";

/** The ways in that agents have. */
export const WAYS = ["cli", "npm", "node", "mcp"] as const;

export type Way = (typeof WAYS)[number];

/** A claim in an answer, as far as all ways tell of it. */
export interface Answered {
  port: number;
  service: string;
  cwd?: string;
  how?: "new" | "again" | "reserved" | "reused";
  listeners?: { pid: number | null }[];
}

/** What a call answered: claims, or the code and the words of a refusal. */
export interface Answer {
  claims: Answered[];
  code: number;
  said: string;
}

/** How an acquire is put. */
export interface Wish {
  services: string[];
  prefer?: number;
  exact?: boolean;
  reuse?: boolean;
}

const NOT_FOUND = 4;
const EXIT: Record<string, number> = { "range-exhausted": 3, "port-taken": 3, invalid: 2 };

/** Calls portclaim as an agent does: from its shell in a directory, or as its MCP client. */
export class Calls {
  constructor(
    readonly town: Town,
    readonly agent: Agent,
    readonly place: Place,
    readonly way: Way,
    readonly manner: Manner,
    /** Told of every call, and what came of it. */
    readonly note: (line: string) => void,
  ) {}

  /** The command of the ways that have one. */
  get command(): string {
    return this.way === "npm" ? this.town.programs.npm : this.town.programs.cli;
  }

  /** Runs a line in the agent's shell, in its directory. */
  async shell(line: string, input?: string): Promise<Result> {
    const command = `cd ${quote(this.place.cwd)} && ${line}`;
    this.note(`${command} ${input ?? ""}`);
    const result = await this.agent.exec(command, this.manner, input);
    this.note(`${line} ended with ${result.code}: ${result.out}${result.err}`);
    return result;
  }

  /** Runs a command of portclaim; `dies`: seconds after which it is killed. */
  run(words: string[], dies?: number): Promise<Result> {
    const line = [this.command, ...words].map(quote).join(" ");
    return this.shell(dies === undefined ? line : `timeout -s KILL ${dies.toFixed(4)} ${line}`);
  }

  async acquire({ services, prefer, exact, reuse }: Wish): Promise<Answer> {
    const [service = ""] = services;
    if (this.way === "mcp" && services.length === 1) {
      const input = { service, cwd: this.place.cwd, prefer, exact, reuse };
      return await this.#tool("portclaim_acquire", input);
    }
    const wish = prefer === undefined ? [] : ["--prefer", String(prefer)];
    if (exact) wish.push("--exact");
    if (reuse) wish.push("--reuse");
    return answerOf(await this.run(["acquire", ...services, ...wish, "--json"]));
  }

  async find(service: string): Promise<Answer> {
    if (this.way === "mcp") {
      return await this.#tool("portclaim_find", { service, cwd: this.place.cwd });
    }
    if (this.way === "node") return await this.#library("find", service);
    return answerOf(await this.run(["find", service, "--json"]));
  }

  async list(): Promise<Answer> {
    if (this.way === "mcp") return await this.#tool("portclaim_list", {});
    if (this.way === "node") return await this.#library("list");
    return answerOf(await this.run(["list", "--json"]));
  }

  async release(port: number): Promise<Answer> {
    if (this.way === "mcp") return await this.#tool("portclaim_release", { port });
    const { code, out, err } = await this.run(["release", String(port), "--json"]);
    return { claims: [], code, said: out + err };
  }

  async #library(...words: string[]): Promise<Answer> {
    const script = quote(this.town.path("library.mjs"));
    const { code, out, err } = await this.shell(`node ${script} ${words.join(" ")}`);
    const answer = code === 0 ? (JSON.parse(out) as unknown) : undefined;
    if (answer === null) return { claims: [], code: NOT_FOUND, said: "no claim" };
    const refused = (answer as { error?: { code: string; message: string } } | undefined)?.error;
    if (refused)
      return { claims: [], code: NOT_FOUND, said: `${refused.code}: ${refused.message}` };
    return { claims: [answer].flat() as Answered[], code, said: out + err };
  }

  /** One call of an MCP server that is started for it, by the agent itself. */
  async #tool(name: string, given: object): Promise<Answer> {
    const line = (id: number, method: string, params: object) =>
      `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;
    const clientInfo = { name: "days", version: "1" };
    const hello = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo };
    const input = line(0, "initialize", hello) + line(1, "tools/call", { name, arguments: given });
    const argv = [this.town.programs.cli, "mcp-serve"];
    const { code, out, err } = await this.agent.exec(argv, { detached: false }, input);
    const last = out.trim().split("\n").at(-1) ?? "";
    if (code !== 0 || last === "") return { claims: [], code: code || 1, said: out + err };
    const { result } = JSON.parse(last) as { result?: { structuredContent?: ToolResult } };
    return answerOfTool(result?.structuredContent, last);
  }
}

interface ToolResult {
  ok: boolean;
  how?: Answered["how"];
  claim?: Answered;
  claims?: Answered[];
  released?: unknown[];
  error?: { code: string };
}

function answerOfTool(result: ToolResult | undefined, said: string): Answer {
  if (!result?.ok) {
    return { claims: [], code: EXIT[result?.error?.code ?? ""] ?? NOT_FOUND, said };
  }
  const { claim, claims = [], how } = result;
  const one = claim === undefined ? [] : [{ ...claim, ...(how && { how }) }];
  return { claims: [...one, ...claims], code: 0, said };
}

function answerOf({ code, out, err }: Result): Answer {
  const claims = code === 0 ? ([JSON.parse(out)].flat() as Answered[]) : [];
  return { claims, code, said: out + err };
}
