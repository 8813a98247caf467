import type { Result } from "./harness.ts";
import type { Scene } from "./shell-sandbox.ts";

/** A coding agent as far as processes go: it lives on and starts commands, each to its end. */
const SCRIPT = `
const { spawn } = require("node:child_process");
const opened = new Map();
const say = (message) => process.stdout.write(JSON.stringify(message) + "\\n");
function start({ id, argv, detached, open }) {
  const child = spawn(argv[0], argv.slice(1), { detached, stdio: [open ? "pipe" : "ignore", "pipe", "pipe"] });
  const texts = { out: "", err: "" };
  child.stdout.on("data", (data) => (texts.out += data));
  child.stderr.on("data", (data) => (texts.err += data));
  child.on("error", (error) => say({ id, code: 127, out: "", err: String(error) }));
  child.on("close", (code) => say({ id, code: code ?? 128, ...texts }));
  opened.set(child.pid, child);
  if (open) say({ id, pid: child.pid });
}
const lines = require("node:readline").createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const message = JSON.parse(line);
  if (message.pid) opened.get(message.pid).stdin.write(message.text);
  else start(message);
});
lines.on("close", () => process.exit());
say({ id: 0 });
`;

interface Answer extends Result {
  id: number;
  pid?: number;
}

/** How an agent starts a command: in a process group of its own (Claude Code) or in its own. */
export interface Manner {
  detached: boolean;
}

/** The manners that a test is made for. */
export const MANNERS: [string, Manner][] = [
  ["in a group of its own", { detached: true }],
  ["in the agent's group", { detached: false }],
];

export class Agent {
  readonly #child: Bun.Subprocess<"pipe", "pipe", "pipe">;
  readonly #answers = new Map<number, PromiseWithResolvers<Answer>>();
  #last = 0;

  private constructor(child: Bun.Subprocess<"pipe", "pipe", "pipe">) {
    this.#child = child;
    void this.#listen();
  }

  /** Starts one that leads a group and session, as one in a terminal of its own does. */
  static async start(scene: Scene): Promise<Agent> {
    const script = scene.write("agent.js", SCRIPT);
    const agent = new Agent(scene.spawn(["node", script], { detached: true }));
    await agent.#answer(0);
    return agent;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Runs a command to the end of it and of all that holds its output. */
  async exec(argv: string[], manner: Manner): Promise<Result> {
    return await this.#ask({ argv, ...manner });
  }

  /** Starts a command that takes what is written to it, a shell say; returns its pid. */
  async open(argv: string[], manner: Manner): Promise<number> {
    const { pid } = await this.#ask({ argv, ...manner, open: true });
    if (pid === undefined) throw new Error(`can't start ${argv.join(" ")}`);
    return pid;
  }

  /** Writes to a command that was opened. */
  type(pid: number, text: string): void {
    this.#send({ pid, text });
  }

  /** Ends the agent alone, with no word to what it started. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }

  #ask(message: object): Promise<Answer> {
    const id = ++this.#last;
    this.#send({ id, ...message });
    return this.#answer(id);
  }

  #send(message: object): void {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
    this.#child.stdin.flush();
  }

  #answer(id: number): Promise<Answer> {
    const answer = this.#answers.get(id) ?? Promise.withResolvers<Answer>();
    this.#answers.set(id, answer);
    return answer.promise;
  }

  async #listen(): Promise<void> {
    let text = "";
    for await (const chunk of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (text + chunk).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const answer = JSON.parse(line) as Answer;
        void this.#answer(answer.id);
        this.#answers.get(answer.id)?.resolve(answer);
      }
    }
  }
}
