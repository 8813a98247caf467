import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { temporaryFolder } from "../../harness.ts";
import { evaluate } from "../evaluate.ts";
import type { Worker } from "./known.ts";
import { Ledger } from "./ledger.ts";
import { identify } from "./machine.ts";

const place = { cwd: "/shop", root: "/shop", repository: "/shop" };
const here = identify(process.pid);

/** A ledger with a server and its claim of 3000. */
function open(running = here) {
  const folder = temporaryFolder();
  const file = `${folder.path}/3000.json`;
  mkdirSync(folder.path, { recursive: true });
  const claimAt = (claimed_at: string, port = 3000, more = {}) => {
    const claim = { service: "web", cwd: "/shop", pid: process.pid, claimed_at, ...more };
    writeFileSync(`${folder.path}/${port}.json`, JSON.stringify(claim));
  };
  claimAt("12:00");
  const trace = `${folder.path}/trace`;
  const ledger = new Ledger(folder.path, trace);
  const worker: Worker = { name: "gemini", process: here, place };
  const server = {
    id: "server-1",
    kind: "run",
    service: "web",
    place,
    worker,
    process: running,
    port: 3000,
    claimed: 3000,
    ports: [3000],
    doubts: 0,
  };
  ledger.add(server);
  const made = { port: 3000, service: "web", place, holder: server };
  ledger.promise(0, made);
  const found = () => evaluate(ledger.entries).violations.map((line) => line.split("\n")[0]);
  return {
    ledger,
    file,
    trace,
    claimAt,
    made,
    found,
    server,
    worker,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

const ended = { pid: here.pid, start: "1" };

test("a server that runs with its claim is well", () => {
  using one = open();
  one.ledger.check();
  expect(one.found()).toEqual([]);
});

test("a server that ended by itself, and a claim that is gone, are violations", () => {
  using one = open(ended);
  rmSync(one.file);
  one.ledger.check();
  expect(one.found()).toEqual([
    expect.stringContaining(" of gemini in /shop ended, though no one ended it"),
    expect.stringContaining("the claim of web in /shop on 3000 was lost: there is none"),
  ]);
  expect(readFileSync(one.trace, "utf8").match(/VIOLATION/g)).toHaveLength(2);
});

test("neither is one while a call may end them, nor afterwards", async () => {
  using one = open(ended);
  rmSync(one.file);
  await one.ledger.mayEnd({ servers: { service: "web", root: "/shop" } }, async () => {
    one.ledger.check();
  });
  one.ledger.check();
  expect([one.found(), one.ledger.servers.size, one.ledger.promises.size]).toEqual([[], 0, 0]);
});

test("a call that may end a server of another checkout explains nothing", async () => {
  using one = open(ended);
  await one.ledger.mayEnd({ servers: { service: "web", root: "/fix" } }, async () => {
    one.ledger.check();
  });
  expect(one.found()).toHaveLength(1);
});

test("what begins while a call may end it is in doubt too", async () => {
  using one = open();
  const { ledger } = one;
  await ledger.mayEnd({ servers: { port: 3000 }, claims: { port: 4000 } }, async () => {
    ledger.promise(0, { ...one.made, port: 4000, holder: one.worker });
    expect([...ledger.promises].map(({ doubts }) => doubts)).toEqual([1, 1]);
    ledger.check();
  });
  expect(one.found()).toEqual([]);
});

test("a port that is handed out twice is a violation, at once and in the end", () => {
  using one = open();
  one.ledger.promise(1, one.made);
  expect(one.found()).toEqual([
    expect.stringContaining("3000 was handed out while web#0 of run server-1 had it"),
    "3000 was promised to web#1 while web#0 had it",
  ]);
});

test("a claim is over that was released by force, though its service has the port again", async () => {
  using one = open();
  await one.ledger.mayEnd({ claims: { port: 3000 } }, async () => one.claimAt("12:01"));
  expect([one.found(), one.ledger.promises.size]).toEqual([[], 0]);
});

test("a claim that two calls may end is in doubt until both are over", async () => {
  using one = open();
  const { ledger } = one;
  const [promised] = ledger.promises;
  const aims = { claims: { port: 3000 } };
  await ledger.mayEnd(aims, async () => {
    await ledger.mayEnd(aims, async () => rmSync(one.file));
    expect([promised?.doubts, ledger.promises.size]).toEqual([1, 1]);
  });
  expect([promised?.doubts, ledger.promises.size]).toEqual([0, 0]);
});

test("a claim that is replaced by another of its service and place is lost", () => {
  using one = open();
  one.claimAt("12:01");
  one.ledger.check();
  expect(one.found()).toEqual([
    expect.stringContaining("the claim of web in /shop on 3000 was lost"),
  ]);
});

test("a server keeps the claim of its agent as that was acquired last", () => {
  using one = open();
  one.ledger.promise(1, { ...one.made, port: 4000, holder: one.worker });
  one.ledger.add({ ...one.server, port: 4000 });
  one.claimAt("12:01", 4000);
  one.ledger.leave(one.worker);
  one.ledger.check();
  expect([one.found(), one.ledger.promises.size]).toEqual([[], 2]);
});

test("a server that has ended keeps no claim of an agent that ends", () => {
  using one = open();
  one.ledger.promise(1, { ...one.made, port: 4000, holder: one.worker });
  one.ledger.add({ ...one.server, port: 4000, process: ended });
  one.ledger.leave(one.worker);
  expect([...one.ledger.promises].map(({ port }) => port)).toEqual([3000]);
});

test("nothing is promised to a call whose claim another has ended before it answers", async () => {
  using one = open();
  await one.ledger.mayEnd({ claims: { port: 4000 } }, async () => {});
  one.ledger.promise(0, { ...one.made, port: 4000 });
  one.ledger.promise(Infinity, { ...one.made, port: 5000 });
  one.ledger.check();
  expect(one.found()).toEqual([expect.stringContaining("on 5000 was lost: there is none")]);
});

test("a port that is handed out again while its claim may end is none", async () => {
  using one = open();
  await one.ledger.mayEnd({ claims: { port: 3000 } }, async () => {
    one.ledger.promise(1, one.made);
  });
  one.ledger.check();
  expect([one.found(), one.ledger.promises.size]).toEqual([[], 1]);
});

test("a claim that a call released is over, though its agent had acquired the port again by then", async () => {
  using one = open();
  const { ledger, worker } = one;
  const made = { ...one.made, port: 4000, holder: worker };
  one.claimAt("12:00", 4000);
  ledger.promise(0, made);
  await ledger.mayEnd({ claims: { port: 4000 } }, async () => one.claimAt("12:01", 4000));
  ledger.promise(0, made);
  expect(one.found()).toEqual([]);
  ledger.promise(Infinity, made);
  expect(one.found()[0]).toContain("4000 was handed out while web#2 of gemini had it");
});

type Change = (one: ReturnType<typeof open>) => void;

/** What is found after `stop api` ended the server of an agent that has ended itself and had no sessions. */
async function takenBy(root: string, change: Change, meanwhile: Change = () => {}) {
  using one = open(ended);
  one.worker.hasLeft = true;
  for (const promised of one.ledger.promises) one.ledger.end(promised);
  change(one);
  await one.ledger.mayEnd({ servers: { service: "api", root } }, async () => meanwhile(one));
  one.ledger.check();
  return { taken: one.ledger.taken, violations: one.found().length };
}

test("an orphan that nothing tells from a service's own server may be taken for it, and is counted", async () => {
  expect(await takenBy("/shop", () => {})).toEqual({ taken: 1, violations: 0 });
});

test("a server that a stop of its own service ends is not counted, though another stop runs", async () => {
  using one = open(ended);
  one.worker.hasLeft = true;
  const stop = (service: string, act: () => Promise<void>) =>
    one.ledger.mayEnd({ servers: { service, root: "/shop" } }, act);
  const begun = Promise.withResolvers<void>();
  const own = stop("web", () => begun.promise);
  await stop("api", async () => {
    begun.resolve();
    await own;
  });
  one.ledger.check();
  expect({ taken: one.ledger.taken, violations: one.found() }).toEqual({
    taken: 0,
    violations: [],
  });
});

test.each<[string, Change, Change]>([
  [
    "whose service has a claim of the same session",
    ({ worker, claimAt }) => {
      worker.session = "s-1";
      claimAt("12:00", 3001, { service: "api", owner: { session: "s-1" } });
    },
    () => {},
  ],
  [
    "whose live agent has a claim of the service",
    ({ worker, claimAt }) => {
      worker.hasLeft = false;
      claimAt("12:00", 3001, { service: "api" });
    },
    () => {},
  ],
  [
    "whose agent leaves meanwhile",
    ({ worker }) => (worker.hasLeft = false),
    ({ ledger, worker }) => ledger.leave(worker),
  ],
  [
    "whose claim is released meanwhile",
    ({ ledger, made }) => ledger.promise(0, made),
    ({ ledger, file }) => ledger.mayEnd({ claims: { port: 3000 } }, async () => rmSync(file)),
  ],
])("so may one %s", async (_, change, meanwhile) => {
  expect(await takenBy("/shop", change, meanwhile)).toEqual({ taken: 1, violations: 0 });
});

test.each<[string, string, Change]>([
  ["in another checkout", "/fix", () => {}],
  ["of an agent that lives", "/shop", ({ worker }) => (worker.hasLeft = false)],
  ["with a session of its own", "/shop", ({ worker }) => (worker.session = "s-1")],
  [
    "whose agent has its claim",
    "/shop",
    ({ ledger, made, worker, claimAt }) => {
      worker.hasLeft = false;
      ledger.promise(0, { ...made, holder: worker });
      claimAt("12:00", 3001, { service: "api" });
    },
  ],
  ["with a claim", "/shop", ({ ledger, made }) => ledger.promise(0, made)],
])("one %s may not", async (_, root, change) => {
  expect((await takenBy(root, change)).taken).toBe(0);
  expect((await takenBy(root, change)).violations).toBeGreaterThan(0);
});
