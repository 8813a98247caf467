import { type Result, until } from "./harness.ts";
import { accepts } from "./processes.ts";
import { quote, SERVE, type ShellSandbox } from "./shell-sandbox.ts";

/** A coding agent as far as processes are concerned: it keeps running, and runs commands. */
const SCRIPT = `
const opened = new Map();
const say = (message) => process.stdout.write(JSON.stringify(message) + "\\n");
async function start({ id, argv, detached, open, input }) {
  const stdio = [open ? "pipe" : input === undefined ? "ignore" : Buffer.from(input), "pipe", "pipe"];
  const child = Bun.spawn(argv, { detached, stdio });
  opened.set(child.pid, child);
  if (open) say({ id, pid: child.pid });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  say({ id, code: await child.exited, out, err });
}
say({ id: 0 });
for await (const line of console) {
  const message = JSON.parse(line);
  if (message.pid) opened.get(message.pid).stdin.write(message.text), opened.get(message.pid).stdin.flush();
  else start(message).catch((error) => say({ id: message.id, code: 127, out: "", err: String(error) }));
}
process.exit();
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

const OWN_GROUP: Manner = { detached: true };

export class Agent {
  readonly #child: Bun.Subprocess<"pipe", "pipe", "pipe">;
  readonly #answers = new Map<number, PromiseWithResolvers<Answer>>();
  #last = 0;

  private constructor(child: Bun.Subprocess<"pipe", "pipe", "pipe">) {
    this.#child = child;
    void this.#listen();
  }

  /** Starts one that leads a group and session, as one in a terminal of its own does. */
  static async start(
    sandbox: ShellSandbox,
    { program = "bun", env = {} }: { program?: string; env?: Record<string, string> } = {},
  ): Promise<Agent> {
    const script = sandbox.write("agent.js", SCRIPT);
    const options = { detached: true, env: { ...sandbox.env, ...env } };
    const agent = new Agent(sandbox.spawn([program, script], options));
    await agent.#answer(0);
    return agent;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Runs a command, in a shell if it is a string, until everything that holds its output has exited. */
  async exec(command: string | string[], manner = OWN_GROUP, input?: string): Promise<Result> {
    return await this.#ask({ argv: argvOf(command), ...manner, input });
  }

  /** Claims a port from a throwaway shell. */
  async acquire(service: string, ...flags: string[]): Promise<number> {
    const line = `portclaim acquire --service ${service} ${flags.join(" ")}`;
    return portOf(await this.exec(`${line}; exit $?`));
  }

  /** Claims a port from a throwaway shell, and leaves a server running on it. */
  async serve(
    service = "web",
    { cwd = ".", start = `${SERVE} $PORT`, manner = OWN_GROUP } = {},
  ): Promise<number> {
    const line = `cd ${quote(cwd)}; PORT=$(portclaim acquire --service ${service}); echo $PORT;`;
    const port = portOf(await this.exec(`${line} ${start} > /dev/null 2>&1 &`, manner));
    await until("the server listens", () => accepts(port));
    return port;
  }

  /** Starts a command that reads what is written to it, such as a shell; returns its pid. */
  async open(command: string | string[], manner = OWN_GROUP): Promise<number> {
    const { pid, err } = await this.#ask({ argv: argvOf(command), ...manner, open: true });
    if (pid === undefined) throw new Error(err);
    return pid;
  }

  /** Writes to a command that was opened. */
  type(pid: number, text: string): void {
    this.#send({ pid, text });
  }

  /** Kills only the agent, without a signal to anything that it started. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }

  /** Ends the agent as one that is told to exit, and leaves what it started running. */
  async leave(): Promise<void> {
    this.#child.stdin.end();
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
    // Calls that it doesn't live to see the end of.
    for (const [id, { resolve }] of this.#answers) resolve({ id, code: 137, out: "", err: "" });
  }
}

function portOf({ out, err }: Result): number {
  if (!(Number(out) > 0)) throw new Error(`it was given no port: ${out}${err}`);
  return Number(out);
}

const argvOf = (command: string | string[]) =>
  typeof command === "string" ? ["bash", "-c", command] : command;
