import { ROOT } from "../harness.ts";
import { type Face, type Granted, Unexpected } from "./client.ts";
import { LineHost } from "./line-process.ts";

const HOST = [
  process.execPath,
  "--no-env-file",
  "--config=/dev/null",
  `${ROOT}/test/storm/library-host.ts`,
];

/** The library, in a process of its own that its claims end with. */
export class LibraryFace implements Face {
  readonly name = "library";
  readonly ownsClaims = true;
  readonly #host = new LineHost(HOST);

  constructor(readonly project: string) {}

  async acquire(service: string, prefer: number | undefined, dies: number | undefined) {
    const call = { do: "acquire", service, project: this.project, prefer };
    const answer = await this.#host.ask(call, dies);
    if (dies !== undefined) return "killed";
    if (answer?.["refused"] === "range-exhausted") return "none";
    if (typeof answer?.["port"] === "number") return answer["port"] as Granted;
    throw new Unexpected(`acquire in the library: ${JSON.stringify(answer)}`);
  }

  async release(port: number, dies: number | undefined) {
    const answer = await this.#host.ask({ do: "release", port }, dies);
    if (dies !== undefined) return "killed";
    if (answer?.["released"] === 1) return "done" as const;
    throw new Unexpected(`release ${port} in the library: ${JSON.stringify(answer)}`);
  }

  async list(): Promise<number[]> {
    const answer = await this.#host.ask({ do: "list" }, undefined);
    if (Array.isArray(answer?.["ports"])) return answer["ports"] as number[];
    throw new Unexpected(`list in the library: ${JSON.stringify(answer)}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#host[Symbol.asyncDispose]();
  }
}
