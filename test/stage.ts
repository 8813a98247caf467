import { connect } from "node:net";
import type { ClaimView, State } from "../registry/model/claim.ts";
import { type Result, until } from "./harness.ts";
import { Scene, statOf } from "./shell-sandbox.ts";

/**
 * `bun server.js PORT [HOST]`: a server for shells to start, up in a few milliseconds. It begins to
 * listen as soon as the file AFTER exists, shrugs SIGTERM off if STUBBORN, and answers with STATUS.
 */
const SERVER = `
const [port, hostname = "127.0.0.1"] = process.argv.slice(2);
const { AFTER, STUBBORN, STATUS = "200" } = process.env;
if (STUBBORN) process.on("SIGTERM", () => {});
while (AFTER && !(await Bun.file(AFTER).exists())) await Bun.sleep(5);
const fetch = () => new Response("", { status: Number(STATUS), headers: { location: "/" } });
Bun.serve({ port, hostname, fetch, development: false });
`;

/** A scene with a server to start, in which portclaim is the built binary. */
export class Stage extends Scene {
  readonly server = this.write("my-app/server.js", SERVER);
  readonly bun = process.execPath;
  /** Starts the server from a command line. */
  readonly serve = `${this.bun} ${this.server}`;

  /** Calls portclaim on behalf of this test process. */
  portclaim(...args: string[]): Promise<Result> {
    return this.exec([this.path("bin/portclaim"), ...args]);
  }

  /** What a command prints as JSON; fails if the command does. */
  async json<T>(...args: string[]): Promise<T> {
    const { code, out, err } = await this.portclaim(...args, "--json");
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${err}`);
    return JSON.parse(out) as T;
  }

  override async acquire(...args: string[]): Promise<number> {
    return (await this.json<{ port: number }>("acquire", ...args)).port;
  }

  override list(): Promise<ClaimView[]> {
    return this.json<ClaimView[]>("list");
  }

  async view(port: number): Promise<ClaimView | undefined> {
    return (await this.list()).find((claim) => claim.port === port);
  }

  /** The state of a port's claim, "free" where there is none. */
  async state(port: number): Promise<State | "free"> {
    return (await this.view(port))?.state ?? "free";
  }

  /** The state of every claim, by its port. */
  async states(): Promise<Record<number, State>> {
    return Object.fromEntries((await this.list()).map(({ port, state }) => [port, state]));
  }

  /** The process that listens on a port. */
  async listener(port: number): Promise<number> {
    return await until(`somebody listens on ${port}`, async () => {
      const { listeners } = await this.json<{ listeners: { pid: number }[] }>("who", `${port}`);
      return listeners[0]?.pid;
    });
  }

  /** Starts the server as nobody's child, and waits until it accepts connections. */
  async start(port: number, env: Record<string, string> = {}, cwd = this.cwd): Promise<number> {
    const line = `setsid ${this.serve} ${port} > /dev/null 2>&1 & echo $!`;
    const { out } = await this.exec(["sh", "-c", line], { env, cwd });
    await until(`it listens on ${port}`, () => accepts(port));
    return Number(out);
  }

  /** Makes a directory next to this scene's own, another project's. */
  project(name: string): string {
    this.write(`${name}/README`, "");
    return this.path(name);
  }
}

/** Whether a port takes a connection. */
export function accepts(port: number, host = "127.0.0.1"): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, host, () => resolve(true));
  socket.on("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}

/** Whether a process has ended with all its threads: the last of them closes its sockets. */
export function hasEnded(pid: number): boolean {
  const [state = "X", ...rest] = statOf(pid);
  return "ZX".includes(state) && Number(rest[16] ?? 1) <= 1;
}
