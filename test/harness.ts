import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Claim, ClaimView } from "../registry/model/claim.ts";
import { BINARY, buildBinary, ROOT } from "./binary.ts";
import { OwnPorts } from "./ports.ts";
import { SYSTEM_PATH, TOOLS } from "./programs.ts";

export { BINARY, ROOT };

const BUN = [process.execPath, "--no-env-file", "--config=/dev/null"];

/** A TypeScript file as arguments to spawn. */
export const program = (file: string) => [...BUN, file];

/** Portclaim from its source, as arguments to spawn. */
export const SOURCE = program(join(ROOT, "cli/main.ts"));

/** The built portclaim, as arguments to spawn. */
export const PORTCLAIM = [BINARY];

/** A TypeScript program of a test as arguments to spawn; it may import the project's modules. */
export const script = (code: string) => [...BUN, "-e", code];

export interface Result {
  code: number;
  out: string;
  err: string;
}

/** A folder of its own that is removed at the end of the scope. */
export function temporaryFolder(name = "portclaim-"): Disposable & { path: string } {
  const path = mkdtempSync(join(realpathSync(tmpdir()), name));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/**
 * A home, a registry, a working directory, ports and everything that a test starts there. None of it is
 * shared with another test, and of the host's PATH it has only the system's own directories.
 */
export class World implements AsyncDisposable {
  readonly #folder = temporaryFolder();
  readonly #children: Bun.Subprocess[] = [];
  readonly #servers: Server[] = [];
  /** The pool of the registry. */
  readonly ports: OwnPorts;
  readonly home = join(this.#folder.path, "registry");
  readonly cwd = join(this.#folder.path, "my-app");
  env: Record<string, string>;

  constructor(env: Record<string, string> = {}, ports = 100) {
    buildBinary();
    this.ports = new OwnPorts(ports);
    for (const name of ["my-app", "tmp", "tools"]) mkdirSync(this.path(name));
    mkdirSync(this.home, { mode: 0o700 });
    writeFileSync(`${this.home}/config.toml`, `[pool]\nrange = "${this.ports.range}"\n`);
    for (const [name, path] of TOOLS) symlinkSync(path, this.path(`tools/${name}`));
    this.env = {
      PATH: `${this.path("tools")}:${SYSTEM_PATH}`,
      HOME: this.#folder.path,
      TMPDIR: this.path("tmp"),
      PORTCLAIM_HOME: this.home,
      LANG: "C.UTF-8",
      ...env,
    };
  }

  /** A path inside this world's folder. */
  path(name: string): string {
    return join(this.#folder.path, name);
  }

  /** Starts any program; it is killed with the test if it is still running. */
  spawn(command: string[], options: Bun.SpawnOptions.OptionsObject<"pipe", "pipe", "pipe"> = {}) {
    const child = Bun.spawn(command, {
      cwd: this.cwd,
      env: this.env,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
      ...options,
    });
    this.#children.push(child);
    return child;
  }

  /** Runs a program to its end. */
  async exec(
    command: string[],
    options: { cwd?: string; env?: Record<string, string>; input?: string } = {},
  ): Promise<Result> {
    const { input, env, cwd } = options;
    const child = this.spawn(command, {
      ...(cwd && { cwd }),
      env: { ...this.env, ...env },
      stdin: input === undefined ? "ignore" : new Blob([input]),
    } as object);
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { code: await child.exited, out, err };
  }

  /** Writes a file into this world's folder; a script is made executable. */
  write(name: string, text: string): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    if (text.startsWith("#!")) chmodSync(path, 0o755);
    return path;
  }

  /** Runs one portclaim command to its end. Its claims belong to this test process. */
  run(
    args: string[],
    options: { cwd?: string; env?: Record<string, string> } = {},
  ): Promise<Result> {
    return this.exec([...PORTCLAIM, ...args], options);
  }

  /** The ports that an acquire printed; fails if it failed. */
  async acquire(...args: string[]): Promise<number> {
    const { code, out, err } = await this.run(["acquire", ...args]);
    if (code !== 0) throw new Error(`acquire ended with ${code}: ${err}`);
    return Number(out);
  }

  /** What `list --json` says. */
  async list(): Promise<ClaimView[]> {
    const { code, out, err } = await this.run(["list", "--json"]);
    if (code !== 0) throw new Error(`list ended with ${code}: ${err}`);
    return JSON.parse(out) as ClaimView[];
  }

  /** The claim file of a port; `undefined` if there is none. */
  async claim(port: number): Promise<Claim | undefined> {
    const file = Bun.file(join(this.home, "claims", `${port}.json`));
    return (await file.exists()) ? ((await file.json()) as Claim) : undefined;
  }

  /** Listens on a port, of this world unless another is named, in this process; returns the port. */
  listen(port = this.ports.next(), host = "127.0.0.1"): Promise<number> {
    // Reads everything that a client sends, so that the connection ends with the client.
    const server = createServer((socket) => socket.on("error", () => {}).resume());
    this.#servers.push(server);
    return new Promise((done, failed) => {
      server.once("error", failed);
      server.listen({ port, host, ipv6Only: host.includes(":") }, () => {
        done((server.address() as { port: number }).port);
      });
    });
  }

  /** Stops everything that listens in this process. */
  async stopListening(): Promise<void> {
    const open = this.#servers.splice(0);
    await Promise.all(open.map((server) => new Promise((done) => server.close(done))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    }
    await Promise.all(this.#children.map((child) => child.exited));
    await this.stopListening();
    this.ports[Symbol.dispose]();
    this.#folder[Symbol.dispose]();
  }
}

let shared: OwnPorts | undefined;

/** A port that nothing else uses, and that no other call of this process returns. */
export function freePort(): number {
  if (shared === undefined || shared.isUsedUp) shared = new OwnPorts(100);
  return shared.next();
}

/** Waits until a condition holds, checking it again and again; fails after `seconds`. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  seconds = 40,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + seconds * 1000;
  for (let pause = 2; ; pause = Math.min(2 * pause, 50)) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await Bun.sleep(pause);
  }
}

/** The first line that a child prints; what follows stays unread. */
export async function firstLine({
  stdout,
}: {
  stdout: ReadableStream<Uint8Array>;
}): Promise<string> {
  const reader = stdout.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`it printed no line, only ${JSON.stringify(text)}`);
    text += decoder.decode(value, { stream: true });
  }
  return text.slice(0, text.indexOf("\n"));
}

/**
 * Starts a program on one port after the other until it prints a line: without SO_REUSEADDR, it can't
 * bind a port on which a connection of an earlier test lingers.
 */
export async function bindPort(
  world: World,
  command: (port: number) => string[],
): Promise<{ port: number; line: string }> {
  for (;;) {
    const port = world.ports.next();
    const line = await firstLine(world.spawn(command(port))).catch(() => undefined);
    if (line !== undefined) return { port, line };
  }
}
