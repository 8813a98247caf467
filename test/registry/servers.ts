import { readFileSync } from "node:fs";
import { freePort, PORTCLAIM, until, World } from "../harness.ts";

/** A web server's command; `$PORT` or `{port}` may stand for the port. */
export const serving = (port: number | string) => [
  "python3",
  "-m",
  "http.server",
  "--bind",
  "127.0.0.1",
  `${port}`,
];

/** A world whose processes run in sessions of their own, so that none belongs to another by accident. */
export class Stage extends World {
  /** Starts a command in a session of its own. */
  start(command: string[], cwd = this.cwd) {
    return this.spawn(["setsid", "--wait", ...command], { cwd });
  }

  /** Starts `portclaim run` with these flags and this command. */
  serve(flags: string[], command: string[]) {
    return this.start([...PORTCLAIM, "run", ...flags, "--", ...command]);
  }

  /** A process that owns claims and does nothing else. */
  owner(): number {
    return this.spawn(["sleep", "1000"]).pid;
  }

  /** Claims a free port for `web`, owned by a process. */
  async claimed(pid: number): Promise<number> {
    const port = await freePort();
    return await this.acquire("web", "--prefer", `${port}`, "--pid", `${pid}`);
  }

  /** Waits until something accepts connections on a port. */
  async listening(port: number, host?: string): Promise<void> {
    await until(`port ${port} accepts connections`, () => accepts(port, host));
  }

  directory(name: string): string {
    Bun.spawnSync(["mkdir", "-p", this.path(name)]);
    return this.path(name);
  }

  /** Ends what left its parent, too: all that was started with this registry in its environment. */
  override async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of new Bun.Glob("[0-9]*").scanSync({ cwd: "/proc", onlyFiles: false })) {
      if (environmentOf(pid).includes(`PORTCLAIM_HOME=${this.home}\0`)) kill(Number(pid));
    }
    await super[Symbol.asyncDispose]();
  }

  /** The claim of `web` as `list` shows it. */
  async web() {
    return (await this.list()).find(({ service }) => service === "web");
  }
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}

/** Whether something accepts connections on a port of the loopback. */
export async function accepts(port: number, hostname = "127.0.0.1"): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname, port, socket: { data() {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}
