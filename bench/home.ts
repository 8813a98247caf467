import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { type Machine, thisMachine } from "../native/machine.ts";
import type { Claim } from "../registry/model/claim.ts";
import { formatTime } from "../registry/model/time.ts";
import { callerFor } from "../registry/owner/caller.ts";
import { ownerRecord } from "../registry/owner/ownership.ts";
import { encodeClaim } from "../registry/store/codec.ts";
import type { Stage } from "./stage.ts";

/** A registry with claims of other owners, and a directory to call from. */
export interface Home {
  path: string;
  cwd: string;
  env: Record<string, string>;
  /** Restores the initial state. */
  reset(): void;
}

/** The first of these claims' ports, above the range that portclaim allocates from. */
const FIRST = 20_000;
const AGENTS = ["claude-code", "codex", "gemini-cli", null];
const SERVICES = ["web", "api", "db", "worker", "storybook", "preview", "tests", "docs"];
/** The number of ports whose last owner portclaim remembers. */
const REMEMBERED = 1000;

const pick = <T>(list: readonly T[], i: number): T => list[i % list.length] as T;

/** Seconds since an idle claim was made: more than the grace period. */
const IDLE = 3600;

/** Creates a registry with so many live claims, as portclaim writes them; `idle`: as `run` left them an hour ago. */
export function fillHome(stage: Stage, name: string, count: number, idle = false): Home {
  const base = `${stage.folder}/${name}`;
  const path = `${base}/registry`;
  const cwd = `${base}/my-app`;
  mkdirSync(cwd, { recursive: true });
  mkdirSync(`${path}/claims`, { recursive: true, mode: 0o700 });
  const machine = thisMachine();
  const owners = stage.owners.map((pid) => ownerOf(machine, pid));
  const claims = Array.from({ length: count }, (_, i): Claim => {
    const project = `project-${Math.floor(i / SERVICES.length)}`;
    const { pid, owner } = pick(owners, i);
    return {
      port: FIRST + i,
      pid,
      agent: pick(AGENTS, i),
      project,
      service: pick(SERVICES, i),
      claimed_at: formatTime(machine.wallClock() - (idle ? IDLE * 1e6 : 0)),
      lease: "ephemeral",
      cwd: `${base}/${project}`,
      owner: idle ? { ...owner, serves: true, at: (Number(owner.at) - IDLE).toFixed(6) } : owner,
    };
  });
  for (const claim of claims) {
    const file = `${path}/claims/${claim.port}.json`;
    writeFileSync(file, encodeClaim(claim), { mode: 0o600 });
  }
  const remembered = claims
    .slice(-REMEMBERED)
    .map(({ project, service, cwd: at, port }) => [JSON.stringify([project, service, at]), port]);
  const last = JSON.stringify(Object.fromEntries(remembered), null, 1);
  const reset = () => putBack(path, last);
  reset();
  return { path, cwd, env: { PORTCLAIM_HOME: path, HOME: base }, reset };
}

function ownerOf(machine: Machine, pid: number) {
  const caller = callerFor(machine, pid);
  const { group } = caller.owner;
  return { pid, owner: ownerRecord(machine, machine.identity(), { ...caller, group }) };
}

function putBack(path: string, last: string): void {
  for (const file of readdirSync(`${path}/claims`)) {
    if (Number.parseInt(file, 10) < FIRST) rmSync(`${path}/claims/${file}`);
  }
  const file = `${path}/last-ports.json`;
  if (textOf(file) !== last) writeFileSync(file, last, { mode: 0o600 });
  // Otherwise the next measured fsync would also write these files.
  for (const written of [file, `${path}/claims`]) flush(written);
}

function flush(path: string): void {
  const descriptor = openSync(path, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
