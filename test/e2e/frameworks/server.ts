import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A command in a process group of its own. */
export class Server implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly exited: Promise<number>;
  output = "";
  code: number | undefined;

  constructor(argv: readonly string[], cwd: string, env: Record<string, string>, user?: number) {
    const [program = "", ...words] = argv;
    this.#child = spawn(program, words, {
      cwd,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      ...(user === undefined ? {} : { uid: user, gid: user }),
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (text) => (this.output += text));
    }
    this.exited = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.output += error.message;
        resolve((this.code = 127));
      });
      this.#child.once("exit", (code) => resolve((this.code = code ?? 128)));
    });
  }

  /** The ports that its processes listen on. */
  ports(): number[] {
    const group = this.#child.pid;
    return group === undefined ? [] : portsOf(processesOf(group));
  }

  /** Waits until `isDone`, the server's end, or the deadline; says whether it was done. */
  async until(isDone: (ports: number[]) => boolean, seconds: number): Promise<boolean> {
    const deadline = performance.now() + seconds * 1000;
    for (;;) {
      if (isDone(this.ports())) return true;
      if (this.code !== undefined || performance.now() > deadline) return false;
      await Bun.sleep(100);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const group = this.#child.pid;
    if (group === undefined) return;
    const processes = processesOf(group);
    const send = (signal: NodeJS.Signals) => {
      for (const pid of processes) {
        try {
          process.kill(pid, signal);
        } catch {
          // It has exited.
        }
      }
    };
    send("SIGTERM");
    await Promise.race([this.exited, Bun.sleep(3000)]);
    await Bun.sleep(200);
    send("SIGKILL");
    await this.exited;
  }
}

interface Stat {
  parent: number;
  group: number;
}

function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [, parent, group] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { parent: Number(parent), group: Number(group) };
  } catch {
    return undefined;
  }
}

/** The processes of a group and all below them. */
function processesOf(group: number): number[] {
  const pids = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0);
  const stats = new Map(
    pids.flatMap((pid) => {
      const stat = readStat(pid);
      return stat ? [[pid, stat] as const] : [];
    }),
  );
  const isOurs = (pid: number): boolean => {
    const stat = stats.get(pid);
    return stat !== undefined && (stat.group === group || isOurs(stat.parent));
  };
  return [...stats.keys()].filter(isOurs);
}

const LISTEN = "0A";

function portsOf(pids: number[]): number[] {
  const inodes = new Set(pids.flatMap(socketsOf));
  const lines = ["tcp", "tcp6"].flatMap((name) =>
    readFileSync(`/proc/net/${name}`, "utf8").trim().split("\n").slice(1),
  );
  const ports = lines.flatMap((line) => {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    const port = Number.parseInt(local.split(":")[1] ?? "", 16);
    return state === LISTEN && inodes.has(inode) ? [port] : [];
  });
  return [...new Set(ports)].toSorted((a, b) => a - b);
}

function socketsOf(pid: number): string[] {
  const directory = `/proc/${pid}/fd`;
  try {
    return readdirSync(directory).flatMap((name) => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`${directory}/${name}`)) ?? [];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    return [];
  }
}
