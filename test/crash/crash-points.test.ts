import { expect, setDefaultTimeout } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { lockHolder } from "../../native/linux/lock-holder.ts";
import { thisMachine } from "../../native/machine.ts";
import { acquire } from "../../registry/allocate/acquire.ts";
import { doctor } from "../../registry/maintain/doctor.ts";
import type { Claim } from "../../registry/model/claim.ts";
import { callerFor } from "../../registry/owner/caller.ts";
import { encodeClaim, decodeClaim } from "../../registry/store/codec.ts";
import { readHistory } from "../../registry/store/history.ts";
import { openRegistry, type Registry } from "../../registry/store/registry.ts";
import { World } from "../harness.ts";
import { needs } from "../needs.ts";
import { followStory, nameOf } from "../story.ts";
import { changesOf, killAt, type Point } from "./strace.ts";

setDefaultTimeout(60_000);

const machine = thisMachine();
const { start = 0 } = machine.process(process.pid) ?? {};
/** Linux never gives a process this pid: it counts to one less. */
const NO_PROCESS = 4_194_304;

/** A claim of this process, or of one that ended. */
function claimOf(pid: number, port: number, cwd: string): string {
  const owner = { command: "test", start: String(start), ...machine.identity(), at: "1.5" };
  const facts = { agent: null, project: "my-app", service: "web", lease: "ephemeral" } as const;
  const claimed_at = "2026-03-17T14:32:01.123456Z";
  const claim: Claim = { port, pid, ...facts, claimed_at, cwd, owner };
  return encodeClaim({ ...claim, note: "kept" } as Claim);
}

/** The contents of a claim file, without the fields that differ from one run to the next. */
function stateOf(text: string | undefined, port: number): unknown {
  if (text === undefined) return "no claim";
  const claim = decodeClaim(text, port);
  if (typeof claim === "string") return `broken: ${claim}`;
  const { owner, claimed_at: _, cwd: __, ...rest } = claim;
  return { ...rest, owner: { ...owner, at: "", asked: 0 }, port: "the port" };
}

/** A change to one port's claim. */
interface Change {
  /** What is in the claim's file before. */
  before?(port: number, cwd: string): string;
  /** The command that makes it. */
  args(port: number): string[];
  /** Whether the claim's server is running, in this process. */
  listens?: boolean;
  /** A state in between that is as good as the one before: the port is claimed in neither. */
  also?: string;
}

const dead = (port: number, cwd: string) => claimOf(NO_PROCESS, port, cwd);
const acquiring = (port: number) =>
  `acquire --service api --prefer ${port} --exact --pid ${process.pid}`.split(" ");

const CHANGES: Record<string, Change> = {
  "an acquire of a free port": { args: acquiring },
  "an acquire of a dead owner's port": { before: dead, args: acquiring, also: "no claim" },
  "a release": {
    before: (port, cwd) => claimOf(process.pid, port, cwd),
    args: (port) => ["release", String(port)],
  },
  "an adoption": {
    before: (port) => claimOf(NO_PROCESS, port, process.cwd()),
    args: () => ["reap"],
    listens: true,
  },
  "a reap": { before: dead, args: () => ["reap"] },
};

/** A registry of its own with the change about to be made. */
class Setup implements AsyncDisposable {
  readonly world = new World();
  port = 0;

  static async make({ listens, before }: Change): Promise<Setup> {
    const setup = new Setup();
    setup.port = setup.world.ports.next();
    if (listens) await setup.world.listen(setup.port);
    mkdirSync(`${setup.world.home}/claims`, { mode: 0o700 });
    if (before) setup.#claim(before(setup.port, setup.world.cwd));
    return setup;
  }

  /** Writes a claim with its history. */
  #claim(text: string): void {
    writeFileSync(this.#path, text);
    const { port, project, service, claimed_at } = JSON.parse(text) as Claim;
    const claimed = { at: claimed_at, event: "claimed", port, service, project };
    writeFileSync(`${this.world.home}/history.jsonl`, `${JSON.stringify(claimed)}\n`);
  }

  get #path(): string {
    return `${this.world.home}/claims/${this.port}.json`;
  }

  state(): unknown {
    const text = existsSync(this.#path) ? readFileSync(this.#path, "utf8") : undefined;
    return stateOf(text, this.port);
  }

  /** Fails if something that the killed command left is in the way: its lock, or a half-written file. */
  async checkHealed(isTaken: boolean): Promise<void> {
    const { env, home, cwd } = this.world;
    const { port } = this;
    const registry = await openRegistry({ environment: { PORTCLAIM_HOME: env["PORTCLAIM_HOME"] } });
    expect(lockHolder(registry.home.lock)).toBeUndefined();
    const request = { services: ["next"], cwd, prefer: port };
    const { grants } = await acquire(registry, request, callerFor(machine, process.pid));
    const next = grants[0]?.claim.port ?? 0;
    if (isTaken) expect(next).not.toBe(port);
    const text = readFileSync(`${home}/claims/${next}.json`, "utf8");
    expect(decodeClaim(text, next)).toMatchObject({ service: "next", pid: process.pid });
    this.#checkHistory(registry);
    await doctor(registry);
    const names = readdirSync(home, { recursive: true }) as string[];
    expect(names.filter((name) => name.endsWith(".tmp"))).toEqual([]);
  }

  /** Fails if the history lacks a change of the killed command, or tells one that it didn't make. */
  #checkHistory(registry: Registry): void {
    const told = new Map<number, string>();
    const events = readHistory(registry);
    expect(followStory(events, told)).toEqual([]);
    expect(new Set(events.map((event) => JSON.stringify(event))).size).toBe(events.length);
    const directory = `${this.world.home}/claims`;
    const claims = readdirSync(directory).filter((name) => name.endsWith(".json"));
    const real = claims.map((name) => {
      const claim = JSON.parse(readFileSync(`${directory}/${name}`, "utf8")) as Claim;
      return [claim.port, nameOf(claim)] as const;
    });
    expect(told).toEqual(new Map(real));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }
}

const AT_ONCE = 3;

needs("tracing").test.each(Object.entries(CHANGES))(
  "rows 15 and 16: killed at any system call, %s is done or not done, the next command works, and the history tells which",
  async (_name, change) => {
    await using whole = await Setup.make(change);
    const before = whole.state();
    const points = await changesOf(whole.world, whole.port, change.args(whole.port));
    const after = whole.state();
    expect(after).not.toEqual(before);
    expect(points.map(({ call }) => call)).toContain("flock");
    const seen = new Set<unknown>();
    const each = async (point: Point): Promise<void> => {
      await using setup = await Setup.make(change);
      await killAt(setup.world, setup.port, change.args(setup.port), point);
      const left = setup.state();
      const known = [before, after, change.also].find((state) => Bun.deepEquals(state, left));
      if (known === undefined) expect(`${point.text}: ${JSON.stringify(left)}`).toBe("known");
      seen.add(known);
      await setup.checkHealed(known === after && after !== "no claim");
    };
    while (points.length > 0) await Promise.all(points.splice(0, AT_ONCE).map(each));
    expect([...seen]).toContain(before);
    expect([...seen]).toContain(after);
  },
);
