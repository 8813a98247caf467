import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Claim } from "../registry/model/claim.ts";
import { BINARY, type Result, ROOT, until, World } from "./harness.ts";

/** What a test asks for a port by, in any shell. */
export const ASK = "portclaim acquire --service web";

const ALWAYS = ["node", "bash", "jq"];

/** Whether this machine has what a scene is made of, a Linux /proc, and these programs too. */
export function canStage(...programs: string[]): boolean {
  if (process.platform !== "linux") return false;
  return [...ALWAYS, ...programs].every((program) => Bun.which(program) !== null);
}

/** Builds the binary where it is missing or older than its sources: call it once per test file. */
export function buildBinary(): void {
  if (!canStage()) return;
  const built = existsSync(BINARY) ? statSync(BINARY).mtimeMs : 0;
  const sources = [
    "native",
    "registry",
    "cli",
    "setup",
    "mcp",
    "ui",
    "lib",
    "skill",
    "package.json",
  ].map((name) => join(ROOT, name));
  if (sources.every((path) => newest(path) <= built)) return;
  const { success, stderr } = Bun.spawnSync([process.execPath, "scripts/build.ts"], { cwd: ROOT });
  if (!success) throw new Error(`the build failed: ${stderr.toString()}`);
}

function newest(path: string): number {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const within = readdirSync(path, { recursive: true, encoding: "utf8" });
  return Math.max(...within.map((name) => statSync(join(path, name)).mtimeMs));
}

/** A world whose programs find `portclaim` on their PATH, as a binary and no script. */
export class Scene extends World {
  constructor(env: Record<string, string> = {}) {
    super(env);
    mkdirSync(this.path("bin"));
    symlinkSync(BINARY, this.path("bin/portclaim"));
    this.env["PATH"] = this.path("bin") + delimiter + this.env["PATH"];
    // /etc/profile sets PATH anew for login shells; zsh without a .zshrc asks questions.
    for (const name of [".profile", ".zprofile", ".zshrc"])
      this.write(name, `PATH=${this.env["PATH"]}\n`);
    mkdirSync(this.home, { mode: 0o700 });
    // A range of its own: scenes of other test processes would take the ports of this one.
    const first = 10_000 + 40 * Math.floor(Math.random() * 500);
    this.write("registry/config.toml", `[pool]\nrange = "${first}-${first + 39}"\n`);
  }

  /** Writes a file into this world's folder; a script is made executable. */
  write(name: string, text: string): string {
    const path = this.path(name);
    Bun.spawnSync(["mkdir", "-p", join(path, "..")]);
    Bun.spawnSync(["tee", path], { stdin: Buffer.from(text) });
    if (text.startsWith("#!")) Bun.spawnSync(["chmod", "755", path]);
    return path;
  }

  /** The whole text of a file that some program writes and ends with a newline. */
  async read(name: string): Promise<string> {
    return await until(`there is ${name}`, () => {
      const text = existsSync(this.path(name)) ? readFileSync(this.path(name), "utf8") : "";
      return text.endsWith("\n") ? text.trim() : undefined;
    });
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
  async age(claim: Claim, seconds: number): Promise<void> {
    const file = `registry/claims/${claim.port}.json`;
    const now = await this.claim(claim.port);
    const at = (Number(now?.owner?.at) - seconds).toFixed(6);
    this.write(file, JSON.stringify({ ...now, owner: { ...now?.owner, at } }));
  }

  /** Acquires a port for this test process, which reaps the dead; returns the services left. */
  async reap(): Promise<string[]> {
    await this.acquire("--service", "reaper", "--project", "reaper");
    const ports = readdirSync(join(this.home, "claims")).map((name) => parseInt(name, 10));
    const claims = await Promise.all(ports.map((port) => this.claim(port)));
    return claims.map((claim) => claim?.service ?? "?").filter((name) => name !== "reaper");
  }

  /** Every process that runs with this world's registry, whoever started it. */
  processes(): number[] {
    const marked = `PORTCLAIM_HOME=${this.home}\0`;
    return allProcesses().filter((pid) => environment(pid).includes(marked));
  }

  /** Ends every process that runs with this world's registry but some; they are gone at the end. */
  async killAllBut(...spared: number[]): Promise<void> {
    const seen = new Set<number>();
    let unseen = 0;
    await until("all processes ended", () => {
      const left = this.processes().filter((pid) => !spared.includes(pid));
      for (const pid of left) {
        seen.add(pid);
        kill(pid);
      }
      // One that was just forked may be missed: twice nobody is nobody.
      unseen = left.length === 0 ? unseen + 1 : 0;
      return unseen > 1 && [...seen].every(isGone);
    });
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.killAllBut();
    await super[Symbol.asyncDispose]();
  }
}

function allProcesses(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 1);
}

function environment(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}

/** Kills a process, or a group if negative; one that is gone is no error. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as { code?: string }).code !== "ESRCH") throw error;
  }
}

/** The fields of proc_pid_stat(5) from the third on: state, parent, group, …; none if it is gone. */
export function statOf(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

/** When a process started: field 22 of proc_pid_stat(5). */
export const startOf = (pid: number): string | undefined => statOf(pid)[19];

export const parentOf = (pid: number): number => Number(statOf(pid)[1]);

export const isGone = (pid: number): boolean => ["Z", "X", undefined].includes(statOf(pid)[0]);

/** A text as one word of a shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
