/** A registry that shows every state, with real processes, for pictures. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { thisMachine } from "../native/machine.ts";
import { MARK_VARIABLE } from "../registry/liveness/coverage.ts";
import type { Claim, Lease } from "../registry/model/claim.ts";

interface Sample {
  port: number;
  service: string;
  project: string;
  agent: string | null;
  /** The name of the owner's program. */
  owner: string;
  /** The name of the server's program, if one listens. */
  server?: string;
  /** Minutes. */
  age: number;
  lease?: Lease;
  /** The owner has exited. */
  hasExited?: boolean;
}

const SHOP = { project: "shop", agent: "claude-code", owner: "claude" };
const DOCS = { project: "docs", agent: "codex", owner: "codex" };

const SAMPLES: Sample[] = [
  { ...SHOP, port: 3000, service: "web", server: "next-server", age: 42 },
  { ...SHOP, port: 3001, service: "api", server: "server.ts", age: 41 },
  { ...SHOP, port: 6007, service: "storybook", age: 190 },
  { ...DOCS, port: 4321, service: "site", server: "astro", age: 12 },
  { ...DOCS, port: 4322, service: "preview", age: 0.4 },
  {
    port: 8000,
    service: "api",
    project: "billing",
    agent: "cursor",
    owner: "cursor",
    server: "uvicorn",
    age: 7,
  },
  {
    port: 8001,
    service: "worker",
    project: "billing",
    agent: "cursor",
    owner: "cursor",
    server: "celery",
    age: 95,
    hasExited: true,
  },
  {
    port: 5432,
    service: "postgres",
    project: "billing",
    agent: null,
    owner: "zsh",
    server: "postgres",
    age: 4000,
    lease: "persistent",
  },
  {
    port: 3002,
    service: "web",
    project: "old-prototype",
    agent: "gemini",
    owner: "gemini",
    age: 320,
    hasExited: true,
  },
];

/** Milliseconds after which a dashboard shows any change. */
const PAUSE = 2000;

const UNCLAIMED = { 5173: "vite", 8080: "http-server" };

export interface Seed extends AsyncDisposable {
  home: string;
  /** Claims two more ports, starts a server on one and releases the other. */
  bustle(): Promise<void>;
}

/** Claims that are made while a dashboard is open. */
const LATER: Sample[] = [
  { ...DOCS, port: 4323, service: "search", server: "meilisearch", age: 0 },
  { ...SHOP, port: 3003, service: "e2e", age: 0 },
];

/** Fills a registry. Its processes end with it. */
export async function seed(): Promise<Seed> {
  const folder = mkdtempSync(`${tmpdir()}/portclaim-seed-`);
  const home = `${folder}/registry`;
  const children: Bun.Subprocess[] = [];
  mkdirSync(`${home}/claims`, { recursive: true, mode: 0o700 });
  const start = (name: string, port: number) => {
    const child = startNamed(folder, name, port);
    children.push(child);
    return child;
  };
  const names = new Set(SAMPLES.map(({ owner }) => owner));
  const owners = new Map([...names].map((name) => [name, start(name, 0).pid]));
  const path = (port: number) => `${home}/claims/${port}.json`;
  const claim = (sample: Sample) => {
    const text = JSON.stringify(claimOf(sample, owners.get(sample.owner) ?? 0));
    writeFileSync(path(sample.port), text, { mode: 0o600 });
  };
  for (const sample of SAMPLES) {
    if (sample.server) start(sample.server, sample.port);
    claim(sample);
  }
  for (const [port, name] of Object.entries(UNCLAIMED)) start(name, Number(port));
  return {
    home,
    async bustle() {
      for (const sample of LATER) {
        claim(sample);
        await Bun.sleep(PAUSE);
        if (sample.server) start(sample.server, sample.port);
        else rmSync(path(sample.port));
        await Bun.sleep(PAUSE);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(children.map((child) => child.exited));
      rmSync(folder, { recursive: true });
    },
  };
}

/** Starts a process with a name of its own, which listens on a port unless that is 0. */
function startNamed(folder: string, name: string, port: number): Bun.Subprocess {
  const code =
    port === 0
      ? "setInterval(() => {}, 1e6)"
      : `Bun.listen({ hostname: "127.0.0.1", port: ${port}, socket: { data() {} } })`;
  mkdirSync(`${folder}/scratch`, { recursive: true });
  const file = `${folder}/${name}.js`;
  writeFileSync(file, code);
  return Bun.spawn(["bash", "-c", `exec -a ${name} "$0" "$1"`, process.execPath, file], {
    cwd: `${folder}/scratch`,
    env: { ...process.env, [MARK_VARIABLE]: markOf(port) },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** By this mark a server belongs to the claim on its port. */
const markOf = (port: number) => `${port}`.padStart(16, "0");

function claimOf(sample: Sample, pid: number): Claim {
  const { port, service, project, agent, owner, age, lease = "ephemeral", hasExited } = sample;
  const machine = thisMachine();
  const start = hasExited ? "1" : String(machine.process(pid)?.start);
  return {
    port,
    pid,
    agent,
    project,
    service,
    claimed_at: new Date(Date.now() - age * 60_000).toISOString().replace("Z", "000Z"),
    lease,
    cwd: `/home/ada/${project}`,
    owner: {
      command: owner,
      start,
      ...machine.identity(),
      at: String(machine.monotonic() - age * 60),
      mark: markOf(port),
    },
  };
}
