import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { acquire } from "../../registry/allocate/acquire.ts";
import { Snapshot } from "../../registry/liveness/snapshot.ts";
import { reap } from "../../registry/maintain/reap.ts";
import type { Caller } from "../../registry/owner/caller.ts";
import { decodeClaim } from "../../registry/store/codec.ts";
import { FakeMachine, PROJECT } from "../fake-machine.ts";

const CONFIG = { range: { first: 4000, last: 4007 }, grace: 60 };
const OWNERS = [300, 301, 302, 303];
const PORTS = Array.from({ length: 8 }, (_, i) => 4000 + i);

type Step =
  | {
      do: "acquire";
      owner: number;
      service: string;
      prefer: number;
      exact: boolean;
      lasting: boolean;
    }
  | { do: "start" | "end"; owner: number }
  | { do: "listen"; owner: number; port: number }
  | { do: "unlisten"; port: number }
  | { do: "wait"; seconds: number }
  | { do: "reap" }
  | { do: "reboot" };

const owner = fc.constantFrom(...OWNERS);
const port = fc.constantFrom(...PORTS);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("acquire" as const),
      owner,
      service: fc.constantFrom("web", "api"),
      prefer: port,
      exact: fc.boolean(),
      lasting: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("start" as const, "end" as const), owner }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("listen" as const), owner, port }) },
  fc.record({ do: fc.constant("unlisten" as const), port }),
  fc.record({ do: fc.constant("wait" as const), seconds: fc.constantFrom(1, 11, 61) }),
  fc.record({ do: fc.constant("reap" as const) }),
  fc.record({ do: fc.constant("reboot" as const) }),
);

/** The state of each claim, by port, as a caller sees it. */
function states(machine: FakeMachine, caller?: Caller) {
  const snapshot = new Snapshot(machine.registry(CONFIG), { caller });
  const { claims: entries } = machine.contents();
  return new Map(
    [...entries].map(([at, { claim }]) => [at, { claim, state: snapshot.state(claim) }]),
  );
}

function start(machine: FakeMachine, pid: number): void {
  // A new process of an old pid is another one.
  machine.end(pid);
  machine.advance(0.01);
  machine.start({ pid, argv: ["bash", "dev.sh"] });
}

async function take(machine: FakeMachine, asked: Step & { do: "acquire" }): Promise<void> {
  if (!machine.processes.has(asked.owner)) start(machine, asked.owner);
  const caller = machine.caller(asked.owner);
  const before = states(machine, caller);
  const request = {
    services: [asked.service],
    cwd: PROJECT,
    prefer: asked.prefer,
    exact: asked.exact,
    lease: asked.lasting ? ("persistent" as const) : ("ephemeral" as const),
  };
  const got = await acquire(machine.registry(CONFIG), request, caller).catch((error) => {
    if (error.reason === undefined) throw error;
  });
  for (const { claim } of got?.grants ?? []) {
    // No call gets a port that anything listens on, or that another owner is entitled to.
    expect(machine.sockets.map((socket) => socket.port)).not.toContain(claim.port);
    const held = before.get(claim.port);
    const free = held === undefined || held.state === "dead" || held.claim.pid === asked.owner;
    expect(free || (held.state === "idle" && held.claim.lease === "ephemeral")).toBe(true);
  }
  const given = new Set(got?.grants.map(({ claim }) => claim.port));
  for (const [at, { claim, state }] of before) {
    if (given.has(at) || state === "dead" || state === "orphaned") continue;
    expect(machine.claim(at)).toEqual(claim);
  }
}

async function run(machine: FakeMachine, one: Step): Promise<void> {
  if (one.do === "acquire") await take(machine, one);
  else if (one.do === "start") start(machine, one.owner);
  else if (one.do === "end") machine.end(one.owner);
  else if (one.do === "unlisten") machine.unlisten(one.port);
  else if (one.do === "wait") machine.advance(one.seconds);
  else if (one.do === "reboot") machine.reboot();
  else if (one.do === "listen") {
    const taken = machine.sockets.some((socket) => socket.port === one.port);
    if (!taken && machine.processes.has(one.owner)) machine.listen(one.port, one.owner);
  } else {
    await reap(machine.registry(CONFIG));
    // What is left is in use, young, or safe by its lease.
    for (const { claim, state } of states(machine).values()) {
      expect([
        "starting",
        "listening",
        ...(claim.lease === "persistent" ? ["idle"] : []),
      ]).toContain(state);
    }
  }
  expect(machine.lockedBy).toBeUndefined();
  expect(machine.contents()).toMatchObject({ unreadable: new Map(), others: [] });
}

test("whatever happens, no port is shared, no port with a listener is granted, and no live claim is lost", async () => {
  const days = fc.array(step, { minLength: 5, maxLength: 40 });
  const property = fc.asyncProperty(days, async (steps) => {
    const machine = new FakeMachine();
    for (const one of steps) await run(machine, one);
  });
  await fc.assert(property, { numRuns: 300 });
});

test("row 12: whatever a file holds, it is a claim of that port with a pid, or it is none", () => {
  const field = fc.oneof(
    fc.integer(),
    fc.double(),
    fc.string(),
    fc.constant(null),
    fc.constant("ephemeral"),
  );
  const nearly = fc.record(
    {
      port: fc.oneof(fc.constant(3000), field),
      pid: field,
      agent: field,
      project: field,
      service: field,
      claimed_at: fc.oneof(fc.constant("2026-03-17T14:32:01.123456Z"), field),
      lease: fc.oneof(fc.constant("ephemeral"), field),
      owner: fc.oneof(field, fc.dictionary(fc.string(), field)),
    },
    { requiredKeys: [] },
  );
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    nearly.map((value) => JSON.stringify(value)),
  );
  const property = fc.property(text, (content) => {
    const found = decodeClaim(content, 3000);
    if (typeof found === "string") return found !== "";
    return found.port === 3000 && Number.isInteger(found.pid) && found.pid > 0;
  });
  fc.assert(property, { numRuns: 2000 });
});
