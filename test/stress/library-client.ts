import { program, ROOT } from "../harness.ts";
import { type Client, type Granted, Unexpected } from "./client.ts";
import { LineProcess } from "./line-process.ts";

const PROCESS = program(`${ROOT}/test/stress/library-process.ts`);

/** The library, in a process of its own that its claims end with. */
export class LibraryClient implements Client {
  readonly name = "library";
  readonly ownsClaims = true;
  readonly #process = new LineProcess(PROCESS);

  constructor(readonly project: string) {}

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
