import { program, ROOT } from "../harness.ts";
import { findProgram } from "../programs.ts";
import { type Client, type Granted, Unexpected } from "./client.ts";
import { LineProcess } from "./line-process.ts";

const PROCESS = `${ROOT}/test/stress/library-process.mjs`;

/** The library, on Bun or as it is installed for Node, in a process of its own that its claims end with. */
export class LibraryClient implements Client {
  readonly ownsClaims = true;
  readonly #process: LineProcess;

  constructor(
    readonly name: "library" | "node",
    readonly project: string,
    installed: string,
  ) {
    const command =
      name === "library"
        ? [...program(PROCESS), `${ROOT}/lib/index.ts`]
        : [findProgram("node") ?? "node", PROCESS, installed];
    this.#process = new LineProcess(command);
  }

  async acquire(service: string, prefer: number | undefined, dies: number | undefined) {
    const call = { do: "acquire", service, project: this.project, prefer };
    const answer = await this.#process.ask(call, dies);
    if (dies !== undefined) return "killed";
    if (answer?.["refused"] === "range-exhausted") return "none";
    if (typeof answer?.["port"] === "number") return answer["port"] as Granted;
    throw new Unexpected(`acquire in the library: ${JSON.stringify(answer)}`);
  }

  async release(port: number, dies: number | undefined) {
    const answer = await this.#process.ask({ do: "release", port }, dies);
    if (dies !== undefined) return "killed";
    if (answer?.["released"] === 1) return "done" as const;
    throw new Unexpected(`release ${port} in the library: ${JSON.stringify(answer)}`);
  }

  async list(): Promise<number[]> {
    const answer = await this.#process.ask({ do: "list" }, undefined);
    if (Array.isArray(answer?.["ports"])) return answer["ports"] as number[];
    throw new Unexpected(`list in the library: ${JSON.stringify(answer)}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
