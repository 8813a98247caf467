import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ClaimView } from "../../../registry/model/claim.ts";
import { BINARY, buildBinary } from "../../binary.ts";
import { endAll, listenersOn } from "./processes.ts";
import type { Program } from "./programs.ts";

/** What portclaim said at one step, and whether that was true. */
export interface Step {
  step: string;
  said: string;
  isRight: boolean;
}

const SECONDS = 60;

/** A program in a directory, a registry and a home of its own. */
export class Trial implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "portclaim-e2e-"));
  readonly #cwd = join(this.#folder, "app");
  readonly #env: Record<string, string>;
  #port = 0;

  constructor(
    readonly program: Program,
    modules: string,
  ) {
    buildBinary();
    chmodSync(this.#folder, 0o755);
    for (const name of ["app", "bin", "home"]) mkdirSync(join(this.#folder, name));
    mkdirSync(join(this.#folder, "registry"), { mode: 0o700 });
    symlinkSync(BINARY, join(this.#folder, "bin/portclaim"));
    symlinkSync(modules, join(this.#cwd, "node_modules"));
    for (const [name, text] of Object.entries(program.files ?? {})) {
      mkdirSync(dirname(join(this.#cwd, name)), { recursive: true });
      writeFileSync(join(this.#cwd, name), text);
    }
    this.#env = {
      PATH: `${this.#folder}/bin:${modules}/.bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      HOME: join(this.#folder, "home"),
      PORTCLAIM_HOME: join(this.#folder, "registry"),
      LANG: "C.UTF-8",
      NEXT_TELEMETRY_DISABLED: "1",
    };
  }

  /** The program's version; `undefined` if it isn't installed. */
  version(): string | undefined {
    const { package: name, version } = this.program;
    if (name !== undefined) {
      const manifest = readFileSync(join(this.#cwd, "node_modules", name, "package.json"), "utf8");
      return String(JSON.parse(manifest).version);
    }
    const [program = "", ...words] = version ?? [];
    if (Bun.which(program, { PATH: this.#env["PATH"] ?? "" }) === null) return undefined;
    const { stdout, stderr } = Bun.spawnSync([program, ...words], { env: this.#env });
    return /\d+(\.\d+)+/.exec(`${stdout}${stderr}`)?.[0] ?? "";
  }

  async *steps(): AsyncGenerator<Step> {
    for (const command of this.program.setup ?? []) this.#do(command);
    this.#port = await freePort();
    yield await this.#started("run", () => this.#run());
    yield this.#waited();
    yield await this.#stopped();
    yield await this.#started("run again", () => this.#run());
    yield await this.#crashed();
    yield await this.#stopped();
    const agent = { pid: 0 };
    yield await this.#started("an agent starts it", () => (agent.pid = this.#startAgent()));
    process.kill(agent.pid, "SIGKILL");
    yield await this.#orphaned();
    yield await this.#stopped();
  }

  #run(): void {
    const { command } = this.program;
    const args = ["run", "web", "--prefer", `${this.#port}`, "--", ...command];
    this.#start([BINARY, ...args]);
  }

  /** Starts a script that claims the port and starts the server in the background. */
  #startAgent(): number {
    const words = this.program.command.map((word) => word.replaceAll("{port}", `${this.#port}`));
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const claim = `export WEB_PORT=$(portclaim acquire web --prefer ${this.#port})`;
    writeFileSync(join(this.#cwd, "agent"), `${claim}\n${quoted} &\nsleep 1000\n`);
    const session = { CLAUDECODE: "1", CLAUDE_CODE_SESSION_ID: crypto.randomUUID() };
    return this.#start(["bash", "agent"], session);
  }

  #start(command: string[], more: Record<string, string> = {}): number {
    const child = Bun.spawn(command, {
      cwd: this.#cwd,
      env: { ...this.#env, ...more },
      stdio: ["ignore", Bun.file(join(this.#folder, "log")), Bun.file(join(this.#folder, "log"))],
      detached: true,
    });
    child.unref();
    return child.pid;
  }

  #do(command: string[]) {
    const { stdout, stderr, exitCode } = Bun.spawnSync(command, { cwd: this.#cwd, env: this.#env });
    const text = `${stdout}${stderr}`.trim();
    return {
      code: exitCode,
      text: text.replaceAll(/\s*\n\s*/g, "; ").replaceAll(this.#folder, ""),
    };
  }

  #portclaim = (...args: string[]) => this.#do([BINARY, ...args, "--text"]);

  #claim(): ClaimView | undefined {
    const { stdout } = Bun.spawnSync([BINARY, "list"], { cwd: this.#cwd, env: this.#env });
    const claims = JSON.parse(`${stdout}`) as ClaimView[];
    return claims.find(({ service }) => service === "web");
  }

  /** What list says, and whether that is true: the server is `listening` if it listens. */
  #listed(step: string): Step {
    const claim = this.#claim();
    const isListening = listenersOn(this.#port).length > 0;
    const owner = claim === undefined ? "" : ` by ${claim.owner?.command} on ${claim.port}`;
    const foreign = claim?.foreign ? ", shared" : "";
    const said = `list: ${claim?.state ?? "no claim"}${owner}${foreign}`;
    const expected = isListening ? ["listening"] : [undefined, "dead", "starting"];
    const isRight = expected.includes(claim?.state) && claim?.foreign === undefined;
    return { step, said, isRight };
  }

  async #started(step: string, start: () => void): Promise<Step> {
    start();
    const isUp = await until(() => listenersOn(this.#port).length > 0);
    if (!isUp) return { step, said: `nothing listens: ${await this.#log()}`, isRight: false };
    // A daemon's owner has exited by then: the next acquire lets the server adopt the claim.
    await Bun.sleep(this.program.daemon ? 1500 : 300);
    this.#portclaim("acquire", "other", "--reuse");
    return this.#listed(step);
  }

  #waited(): Step {
    const { code, text } = this.#portclaim("wait", "web", "--timeout", "20s");
    return { step: "wait", said: `exit ${code} ${text}`, isRight: code === 0 };
  }

  async #stopped(): Promise<Step> {
    const { code, text } = this.#portclaim("stop", "web");
    await Bun.sleep(1500);
    const isFree = listenersOn(this.#port).length === 0;
    const after = `${isFree ? "port free" : "STILL LISTENS"}, ${this.#claim()?.state ?? "no claim"}`;
    const { end } = this.program;
    const isRestarted = code === 1 && text.includes("was started again by");
    const isRight = isFree ? code === 0 || code === 4 : isRestarted;
    if (end) this.#do(end);
    return { step: "stop", said: `exit ${code}: ${text}; then ${after}`, isRight };
  }

  /** Kills what listens; a supervisor may start it again. */
  async #crashed(): Promise<Step> {
    const before = listenersOn(this.#port);
    for (const pid of before) process.kill(pid, "SIGKILL");
    const isAgain = () => listenersOn(this.#port).some((pid) => !before.includes(pid));
    await until(isAgain, this.program.supervised ? 5 : 2);
    this.#portclaim("acquire", "other", "--reuse");
    return this.#listed("crash");
  }

  async #orphaned(): Promise<Step> {
    await until(() => this.#claim()?.state === "orphaned", 5);
    const before = this.#claim()?.state;
    this.#portclaim("acquire", "other", "--reuse");
    const { said, isRight } = this.#listed("the agent is killed");
    return { step: "the agent is killed", said: `list: ${before}, then ${said}`, isRight };
  }

  async #log(): Promise<string> {
    const text = await Bun.file(join(this.#folder, "log")).text();
    return Bun.stripANSI(text)
      .trim()
      .slice(-300)
      .replaceAll(/\s*\n\s*/g, "; ");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endAll(this.#folder);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function until(isDone: () => boolean, seconds = SECONDS): Promise<boolean> {
  for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
    if (isDone()) return true;
    await Bun.sleep(50);
  }
  return isDone();
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen({ port: 0, host: "127.0.0.1" }, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
