import { exists } from "../../native/posix/exists.ts";
import { firstLine, PORTCLAIM, program, ROOT, until } from "../harness.ts";
import { Unexpected } from "./client.ts";

const SERVER = program(`${ROOT}/test/stress/server-process.ts`);
const NO_PORT = 3;

/** A server that `portclaim run` started, or the daemon that it left running. */
export class RunServer {
  private constructor(
    readonly child: Bun.Subprocess,
    readonly pid: number,
    readonly port: number,
  ) {}

  /** `undefined` if no port was free, or another process was there before the server. */
  static async start(
    project: string,
    service: string,
    isDaemon: boolean,
  ): Promise<RunServer | undefined> {
    const server = [...SERVER, "{port}", ...(isDaemon ? ["daemon"] : [])];
    const words = ["run", service, "--project", project, "--no-inject", "--", ...server];
    const child = Bun.spawn([...PORTCLAIM, ...words], { stdio: ["ignore", "pipe", "pipe"] });
    const line = await firstLine(child).catch(() => "");
    if (line !== "") {
      const [pid = 0, port = 0] = line.split(" ").map(Number);
      if (isDaemon) await child.exited;
      return new RunServer(child, pid, port);
    }
    const code = await child.exited;
    const err = await new Response(child.stderr).text();
    if (code === NO_PORT || err.includes("EADDRINUSE") || isDaemon) return undefined;
    throw new Unexpected(`run ended with ${code}: ${err}`);
  }

  async kill(): Promise<void> {
    if (exists(this.pid)) process.kill(this.pid, "SIGKILL");
    await this.exited();
  }

  async exited(): Promise<void> {
    await this.child.exited;
    await until(`server ${this.pid} exits`, () => !exists(this.pid));
  }
}
