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

  /** The claim of `web` as `list` shows it. */
  async web() {
    return (await this.list()).find(({ service }) => service === "web");
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

/** Ends whatever listens on a port, once the test is over. */
export function killOnPort(port: number): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      const { stdout } = Bun.spawnSync(["ss", "-Htlnp", `sport = :${port}`]);
      for (const [, pid] of String(stdout).matchAll(/pid=(\d+)/g)) process.kill(Number(pid), 9);
      await until(`port ${port} is free`, async () => !(await accepts(port)));
    },
  };
}
