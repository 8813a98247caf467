import { expect } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import type { Claim, ClaimView, State } from "../registry/model/claim.ts";
import { BINARY, type Result, until, World } from "./harness.ts";
import {
  accepts,
  allProcesses,
  hasEnded,
  hasVariable,
  isExiting,
  kill,
  startOf,
} from "./processes.ts";

/** How a test asks for a port, in any shell. */
export const ASK = "portclaim acquire --service web";

/** Starts a server from a command line, with PORT and perhaps a host after it. */
export const SERVE = "bun ~/server.js";

/**
 * A server for shells to start. It begins to listen as soon as the file AFTER exists, ignores
 * SIGTERM if STUBBORN, answers with STATUS, and says that it listens by a file named for its pid.
 */
const SERVER = `
import { expect } from "bun:test";
import { existsSync, renameSync, writeFileSync } from "node:fs";
const [port, hostname = "127.0.0.1"] = process.argv.slice(2);
const { AFTER, STUBBORN, STATUS = "200", HOME } = process.env;
if (STUBBORN) process.on("SIGTERM", () => {});
while (AFTER && !existsSync(AFTER)) await Bun.sleep(5);
const fetch = () => new Response("", { status: Number(STATUS), headers: { location: "/" } });
Bun.serve({ port, hostname, fetch, development: false });
// The file is whole once it is there.
writeFileSync(HOME + "/up/." + process.pid, port);
renameSync(HOME + "/up/." + process.pid, HOME + "/up/" + process.pid);
`;

/** A sandbox whose shells find portclaim and bun on PATH, and a server to start in HOME. */
export class ShellSandbox extends World {
  readonly server = this.write("server.js", SERVER);

  constructor(env: Record<string, string> = {}, ports = 100) {
    super(env, ports);
    for (const name of ["bin", "up"]) mkdirSync(this.path(name));
    symlinkSync(BINARY, this.path("bin/portclaim"));
    symlinkSync(process.execPath, this.path("bin/bun"));
    this.env["PATH"] = `${this.path("bin")}:${this.env["PATH"]}`;
    // /etc/profile sets PATH anew for login shells; zsh without a .zshrc asks questions.
    for (const name of [".profile", ".zprofile", ".zshrc"])
      this.write(name, `PATH=${quote(this.env["PATH"])}\n`);
  }

  /** The whole text of a file that some program writes and ends with a newline. */
  async read(name: string): Promise<string> {
    return await until(`there is ${name}`, () => {
      const text = existsSync(this.path(name)) ? readFileSync(this.path(name), "utf8") : "";
      return text.endsWith("\n") ? text.trim() : undefined;
    });
  }

  /** What a command prints as JSON; fails if the command does. */
  async json<T>(...args: string[]): Promise<T> {
    const { code, out, err } = await this.run([...args, "--json"]);
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${err}`);
    return JSON.parse(out) as T;
  }

  /** The error of a command that is refused; fails if it isn't. */
  async refusal(...args: string[]): Promise<{ exit: number; code: string; message: string }> {
    const { code: exit, out, err } = await this.run([...args, "--json"]);
    if (exit === 0) throw new Error(`${args.join(" ")} succeeded: ${out}`);
    return { exit, ...(JSON.parse(err) as { error: { code: string; message: string } }).error };
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

  /** The claim of a port that a program printed; fails if that isn't one port. */
  async claimOf(printed: string | Result): Promise<Claim> {
    const text = typeof printed === "string" ? printed : printed.out;
    const port = Number(/^\s*(\d+)\s*$/.exec(text)?.[1]);
    const claim = await this.claim(port);
    if (claim === undefined) throw new Error(`no claim for ${JSON.stringify(printed)}`);
    return claim;
  }

  /** Rewrites a claim as one that was made so many seconds earlier. */
  async age({ port }: Pick<Claim, "port">, seconds: number): Promise<void> {
    const now = await this.claim(port);
    const at = (Number(now?.owner?.at) - seconds).toFixed(6);
    const text = JSON.stringify({ ...now, owner: { ...now?.owner, at } });
    this.write(`registry/claims/${port}.json`, text);
  }

  /** Acquires a port for this test process, which reaps the dead; returns the services left, with their states. */
  async reap(): Promise<string[]> {
    await this.acquire("--service", "reaper", "--project", "reaper");
    const left = (await this.list()).filter(({ service }) => service !== "reaper");
    return left.map(({ service, state }) => `${service}: ${state}`);
  }

  /** The same, a minute after these claims were made. */
  async reapLater(...claims: Claim[]): Promise<string[]> {
    for (const claim of claims) await this.age(claim, 60);
    return this.reap();
  }

  /** The next server that listens and that wasn't returned before. */
  async nextServer(): Promise<{ pid: number; port: number }> {
    return await until("a server listens", () => {
      const name = readdirSync(this.path("up")).find((each) => !each.startsWith("."));
      if (name === undefined) return undefined;
      const port = Number(readFileSync(this.path(`up/${name}`), "utf8"));
      rmSync(this.path(`up/${name}`));
      return { pid: Number(name), port };
    });
  }

  /** Starts the server as an orphan, and waits until it accepts connections. */
  async start(port: number, env: Record<string, string> = {}, cwd = this.cwd): Promise<number> {
    const line = `setsid ${SERVE} ${port} > /dev/null 2>&1 & echo $!`;
    const { out } = await this.exec(["sh", "-c", line], { env, cwd });
    await until(`it listens on ${port}`, () => accepts(port));
    return Number(out);
  }

  /** The process that listens on a port. */
  async listener(port: number): Promise<number> {
    return await until(`a process listens on ${port}`, async () => {
      const { listeners } = await this.json<{ listeners: { pid: number }[] }>("who", `${port}`);
      return listeners[0]?.pid;
    });
  }

  /** Makes a directory next to this sandbox's own, another project's. */
  project(name: string): string {
    mkdirSync(this.path(name), { recursive: true });
    return this.path(name);
  }

  /** Ends every process that runs with this registry but some; they are gone at the end. */
  async killAllBut(...spared: number[]): Promise<void> {
    const seen = new Set<number>();
    let unseen = 0;
    await until("all processes ended", () => {
      // A process that was just forked may be missed by one scan, but not by two.
      if (unseen > 1) return [...seen].every(hasEnded);
      const left = this.#processes().filter((pid) => !spared.includes(pid));
      left.forEach(kill);
      // A process that is exiting no longer shows whose it is.
      for (const pid of [...left, ...allProcesses().filter(isExiting)]) seen.add(pid);
      unseen = left.length === 0 ? unseen + 1 : 0;
      return false;
    });
  }

  #processes(): number[] {
    const variable = `PORTCLAIM_HOME=${this.home}`;
    return allProcesses().filter((pid) => hasVariable(pid, variable));
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.killAllBut();
    await super[Symbol.asyncDispose]();
  }
}

/** Fails unless a claim belongs to this process. */
export function expectOwner({ pid, owner }: Claim, expected: number): void {
  expect([pid, owner?.start]).toEqual([expected, startOf(expected)]);
}

/** A text as one word of a shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
