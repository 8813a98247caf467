import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "../../../registry/maintain/doctor.ts";
import type { Agent } from "../../agent.ts";
import type { ShellSandbox } from "../../shell-sandbox.ts";

/** What `doctor --json` says, whatever its exit code. */
export async function doctor(sandbox: ShellSandbox, ...flags: string[]) {
  const { code, out, err } = await sandbox.run(["doctor", "--json", ...flags]);
  return { code, err, checks: JSON.parse(out) as Check[] };
}

/** The checks that found something. */
export const found = (checks: readonly Check[]) => checks.filter(({ status }) => status !== "ok");

/** Everything below a folder: its kind, mode, owner, links, time and content. */
export function snapshot(folder: string): Record<string, string> {
  const names = ["", ...readdirSync(folder, { recursive: true, encoding: "utf8" })];
  return Object.fromEntries(
    names.toSorted().map((name) => {
      const path = join(folder, name);
      const { mode, uid, nlink, mtimeMs } = lstatSync(path);
      const isFile = (mode & 0o170000) === 0o100000;
      const text = isFile ? readFileSync(path, "utf8") : "";
      return [name, [mode.toString(8), uid, nlink, mtimeMs, text].join(" ")];
    }),
  );
}

/** Makes a file a minute old: one that was written just now may still be being written. */
const age = (path: string) => Bun.spawnSync(["touch", "-h", "-d", "1 minute ago", path]);

/** Writes a file into claims/ as it would lie there for a while. */
export function plant(sandbox: ShellSandbox, name: string, text: string): string {
  const path = sandbox.write(`registry/claims/${name}`, text);
  age(path);
  return path;
}

/** Claim files that can't be read; returns the port of each. */
export function plantUnreadable(sandbox: ShellSandbox): Record<string, number> {
  const valid = { pid: 1, agent: null, project: "p", service: "s", lease: "ephemeral" };
  const claimed_at = "2026-01-01T00:00:00.000000Z";
  const claim = (port: number, more: object = {}) =>
    JSON.stringify({ port, ...valid, claimed_at, ...more });
  const make: Record<string, (port: number, path: string) => unknown> = {
    empty: (port) => plant(sandbox, `${port}.json`, ""),
    truncated: (port) => plant(sandbox, `${port}.json`, claim(port).slice(0, 40)),
    oversized: (port) => plant(sandbox, `${port}.json`, claim(port, { fill: "x".repeat(70_000) })),
    "not JSON": (port) => plant(sandbox, `${port}.json`, "this is no JSON\0"),
    "named for another port": (port) => plant(sandbox, `${port}.json`, claim(port + 1)),
    "of an unknown lease": (port) =>
      plant(sandbox, `${port}.json`, claim(port, { lease: "forever" })),
    "a symlink": (port, path) =>
      symlinkSync(plant(sandbox, "../../elsewhere.json", claim(port)), path),
    "a directory": (_port, path) => mkdirSync(path),
    "a FIFO": (_port, path) => Bun.spawnSync(["mkfifo", path]),
  };
  return Object.fromEntries(
    Object.entries(make).map(([what, write]) => {
      const port = sandbox.ports.next();
      const path = join(sandbox.home, `claims/${port}.json`);
      write(port, path);
      age(path);
      return [what, port];
    }),
  );
}

/** Names in claims/ that are no claim's. */
export const JUNK = ["0.json", "70000.json", "03000.json", "3000.json.bak", "notes.txt", "x.tmp"];

/** A temporary file that a writer left when it was killed. */
export function plantTemporary(sandbox: ShellSandbox): string {
  const name = `${sandbox.ports.next()}.json.tmp`;
  plant(sandbox, name, "{");
  return `claims/${name}`;
}

export function openToOthers(sandbox: ShellSandbox): void {
  for (const name of ["", "claims"]) chmodSync(join(sandbox.home, name), 0o770);
}

/** A claim of each state that an agent leaves behind when it exits, by its fate. */
export async function plantStates(sandbox: ShellSandbox, agent: Agent) {
  const dead = await agent.acquire("dead");
  const orphaned = await agent.serve("orphaned");
  const foreign = await agent.acquire("foreign");
  await sandbox.start(foreign, {}, sandbox.project("elsewhere"));
  await agent.kill();
  return { dead, orphaned, foreign, adopter: await sandbox.listener(orphaned) };
}
