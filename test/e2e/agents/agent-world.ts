/**
 * Drives a real agent program with a fake model:
 *
 *     await using world = await AgentWorld.open("claude-code");
 *     world.write(".claude/settings.json", "{…}");          // below its home, before it starts
 *     await world.run(["setup", "claude-code"]);            // portclaim itself
 *     const { results, requests, output } = await world.play([
 *       { sh: "portclaim acquire web" },                     // by the agent's shell tool
 *       ([first]) => ({ sh: `node server.js ${first}`, background: true }),
 *       { tool: "portclaim_acquire", input: { service: "api" } },
 *     ]);
 *
 * `results` are the tools' results as the model saw them, a hook's denial among them; `requests` are the
 * bodies of the model's requests, with all context that the agent added. The first use of an agent installs
 * it from npm into the cache.
 */
import { appendFileSync, closeSync, mkdirSync, openSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { BINARY, World } from "../../harness.ts";
import { allProcesses, hasEnded, hasVariable, kill } from "../../processes.ts";
import { CACHE, installAgent, type InstalledProgram, nodeDirectory } from "./install.ts";
import { Model, type Script } from "./model.ts";
import type { AgentProgram } from "./program.ts";
import { type ProgramName, programs } from "./programs.ts";

const PROMPT = "Please do all of it now, step by step.";
const SECONDS = 240;

/** The outcome of a script. */
export interface Played {
  /** The result of each step, as the agent told the model. */
  results: string[];
  /** The names of the tools that the agent offered. */
  tools: string[];
  /** The bodies of the model's requests. */
  requests: readonly string[];
  code: number;
  /** What the agent printed, on stdout and stderr. */
  output: string;
}

/** A home with one agent, a project and a registry of its own. */
export class AgentWorld extends World {
  readonly #model = new Model();

  private constructor(
    readonly name: ProgramName,
    readonly installed: InstalledProgram,
  ) {
    super();
    mkdirSync(this.path("bin"));
    symlinkSync(BINARY, this.path("bin/portclaim"));
    const { files, env } = this.program;
    const PATH = `${this.path("bin")}:${nodeDirectory()}:${this.env["PATH"]}`;
    this.env = { ...this.env, PATH, TERM: "dumb", NO_COLOR: "1", ...env?.(this.#model.url) };
    // Codex's login shell resets PATH.
    this.write(".profile", `PATH="${PATH}"\n`);
    Bun.spawnSync(["git", "init", "--quiet"], { cwd: this.cwd, env: this.env });
    for (const [path, text] of Object.entries(files?.(this.#model.url) ?? {})) {
      this.write(path, text);
    }
  }

  /** A home with this agent in it, ready to ask the fake model. */
  static async open(name: ProgramName): Promise<AgentWorld> {
    const installed = installAgent(name);
    // Codex refuses a home below /tmp.
    const homes = join(CACHE, "homes");
    mkdirSync(homes, { recursive: true });
    process.env["TMPDIR"] = homes;
    const world = new AgentWorld(name, installed);
    const login = world.program.login?.(world.#model.url);
    if (login) await world.agent(login);
    return world;
  }

  get program(): AgentProgram {
    return programs[this.name];
  }

  /** Has the agent trust the project. */
  trustProject(): void {
    for (const [name, text] of Object.entries(this.program.trust?.(this.cwd) ?? {})) {
      mkdirSync(dirname(this.path(name)), { recursive: true });
      appendFileSync(this.path(name), text);
    }
  }

  /** Has the agent work through a script to its end, with the arguments that its program needs for that. */
  async play(script: Script, work = this.program.work): Promise<Played> {
    const args = work?.(PROMPT, this.path("."));
    if (!args) throw new Error(`${this.program.title} works with its own service alone`);
    this.#model.play(script);
    const { code, output } = await this.agent(args);
    const { results, tools, requests } = this.#model;
    return { results, tools, requests, code, output };
  }

  /** Runs the agent's program to its end. */
  async agent(args: string[]): Promise<{ code: number; output: string }> {
    // A file: what the agent leaves running may hold a pipe open.
    const path = this.write("agent.log", "");
    const log = openSync(path, "a");
    const child = Bun.spawn([this.installed.path, ...args], {
      cwd: this.cwd,
      env: this.env,
      stdio: ["ignore", log, log],
      // As in a terminal of its own.
      detached: true,
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), SECONDS * 1000);
    const code = await child.exited;
    clearTimeout(timer);
    closeSync(log);
    return { code, output: await Bun.file(path).text() };
  }

  /** The processes that were started in this home and are still running. */
  left(): number[] {
    const variable = `HOME=${this.env["HOME"]}`;
    return allProcesses().filter((pid) => hasVariable(pid, variable) && !hasEnded(pid));
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of this.left()) kill(pid);
    this.#model[Symbol.dispose]();
    await super[Symbol.asyncDispose]();
  }
}
