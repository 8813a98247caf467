import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "../../../registry/maintain/doctor.ts";
import type { Agent } from "../../agent.ts";
import { until } from "../../harness.ts";
import { kill } from "../../shell-sandbox.ts";
import { accepts, hasEnded, type Stage } from "../../stage.ts";

/** A minute ago: what is written just now may still be in somebody's hands. */
const OLD = "1 minute ago";

/** What `doctor --json` says, whatever it ends with. */
export async function doctor(stage: Stage, ...flags: string[]) {
  const { code, out, err } = await stage.portclaim("doctor", "--json", ...flags);
  return { code, err, checks: JSON.parse(out) as Check[] };
}

/** The checks of which something is to be said. */
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

/** Writes a file into claims/ as it would lie there for a while. */
export function plant(stage: Stage, name: string, text: string): string {
  const path = stage.write(`registry/claims/${name}`, text);
  Bun.spawnSync(["touch", "-d", OLD, path]);
  return path;
}

/** Ports of the scene's own range that nobody has. */
export function unusedPorts(stage: Stage, count: number): number[] {
  const config = readFileSync(stage.path("registry/config.toml"), "utf8");
  const last = Number(/-(\d+)/.exec(config)?.[1]);
  return Array.from({ length: count }, (_, i) => last - i);
}

/** Claim files that can't be understood; returns the port of each. */
export function plantUnreadable(stage: Stage): Record<string, number> {
  const [one = 0, two = 0, three = 0, four = 0, five = 0, six = 0, seven = 0, eight = 0, nine = 0] =
    unusedPorts(stage, 9);
  const claims = join(stage.home, "claims");
  const valid = { pid: 1, agent: null, project: "p", service: "s", lease: "ephemeral" };
  const claim = { port: five + 1, ...valid, claimed_at: "2026-01-01T00:00:00.000000Z" };
  plant(stage, `${one}.json`, "");
  plant(stage, `${two}.json`, JSON.stringify(claim).slice(0, 40));
  plant(
    stage,
    `${three}.json`,
    JSON.stringify({ ...claim, port: three, fill: "x".repeat(70_000) }),
  );
  plant(stage, `${four}.json`, "this is no JSON\0");
  plant(stage, `${five}.json`, JSON.stringify(claim));
  plant(stage, `${nine}.json`, JSON.stringify({ ...claim, port: nine, lease: "forever" }));
  const target = plant(stage, "../../elsewhere.json", JSON.stringify({ ...claim, port: six }));
  symlinkSync(target, join(claims, `${six}.json`));
  mkdirSync(join(claims, `${seven}.json`));
  Bun.spawnSync(["mkfifo", join(claims, `${eight}.json`)]);
  for (const port of [six, seven, eight]) {
    Bun.spawnSync(["touch", "-h", "-d", OLD, join(claims, `${port}.json`)]);
  }
  return {
    empty: one,
    truncated: two,
    oversized: three,
    "not JSON": four,
    "named for another port": five,
    "a symlink": six,
    "a directory": seven,
    "a FIFO": eight,
    "of a lease nobody knows": nine,
  };
}

/** Names in claims/ that are no claim's. */
export const JUNK = ["0.json", "70000.json", "03000.json", "3000.json.bak", "notes.txt", "x.tmp"];

/** Temporary files that a writer left when it was killed. */
export function plantTemporary(stage: Stage): string[] {
  const [port = 0] = unusedPorts(stage, 1);
  plant(stage, `${port - 20}.json.tmp`, "{");
  return [`claims/${port - 20}.json.tmp`];
}

export function openToOthers(stage: Stage): void {
  for (const name of ["", "claims"]) chmodSync(join(stage.home, name), 0o770);
}

/** A claim of each state that an agent leaves behind when it dies, by what became of it. */
export async function plantStates(stage: Stage, agent: Agent) {
  const bash = async (line: string) => {
    const { out } = await agent.exec(["bash", "-c", line], { detached: true });
    return Number(out);
  };
  const acquire = (service: string) => `portclaim acquire --service ${service}`;
  const dead = await bash(acquire("dead"));
  const orphaned = await bash(
    `PORT=$(${acquire("orphaned")}); echo $PORT; ${stage.serve} $PORT > /dev/null 2>&1 &`,
  );
  const strange = await bash(acquire("strange"));
  await until("the server listens", () => accepts(orphaned));
  await stage.start(strange, {}, stage.project("stranger"));
  await agent.kill();
  return { dead, orphaned, strange, heir: await stage.listener(orphaned) };
}

/** Ends a process and waits for its end. */
export async function end(pid: number): Promise<void> {
  kill(pid);
  await until("it has ended", () => hasEnded(pid));
}
