/** A registry that shows every state, with real processes, for pictures. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { thisMachine } from "../native/machine.ts";
import type { Claim, Lease } from "../registry/model/claim.ts";

interface Sample {
  port: number;
  service: string;
  project: string;
  agent: string | null;
  /** The name of the owner's program. */
  owner: string;
  /** Its directory, below the checkout. */
  directory?: string;
  /** The name of the server's program, if one listens. */
  server?: string;
  /** The port that it listens on, if not its own. */
  elsewhere?: number;
  /** A program that doesn't belong to the claim listens on its port. */
  foreign?: string;
  /** Minutes. */
  age: number;
  lease?: Lease;
  /** The owner has exited. */
  hasExited?: boolean;
}

/** The checkouts, and their branches. */
const BRANCHES: Record<string, string> = {
  shop: "main",
  "shop-checkout": "fix/checkout",
  docs: "main",
  billing: "main",
  "old-prototype": "spike",
  landing: "main",
};

type Checkout = Pick<Sample, "project" | "agent" | "owner"> & { root: string };

const SHOP = { root: "shop", project: "shop", agent: "claude-code", owner: "claude" };
const FIX = { root: "shop-checkout", project: "shop", agent: "codex", owner: "codex" };
const DOCS = { root: "docs", project: "docs", agent: "codex", owner: "codex" };
const BILLING = { root: "billing", project: "billing", agent: "cursor", owner: "cursor" };

const SAMPLES: (Sample & Checkout)[] = [
  { ...SHOP, port: 3000, service: "web", directory: "apps/web", server: "next-server", age: 42 },
  { ...SHOP, port: 3001, service: "api", directory: "apps/api", server: "server.ts", age: 41 },
  { ...SHOP, port: 6007, service: "storybook", directory: "apps/web", age: 190 },
  { ...FIX, port: 3002, service: "web", directory: "apps/web", server: "next-server", age: 8 },
  { ...FIX, port: 3003, service: "api", directory: "apps/api", foreign: "java", age: 8 },
  { ...DOCS, port: 4321, service: "site", server: "astro", age: 12 },
  { ...DOCS, port: 4322, service: "preview", age: 0.4 },
  { ...BILLING, port: 8000, service: "api", server: "uvicorn", age: 7 },
  { ...BILLING, port: 8001, service: "worker", server: "celery", age: 95, hasExited: true },
  {
    ...BILLING,
    agent: null,
    owner: "zsh",
    port: 5432,
    service: "postgres",
    server: "postgres",
    age: 4000,
    lease: "persistent",
  },
  {
    root: "landing",
    project: "landing",
    agent: "gemini",
    owner: "vite",
    port: 4000,
    service: "web",
    server: "vite",
    elsewhere: 5174,
    age: 3,
  },
  {
    root: "old-prototype",
    project: "old-prototype",
    agent: "gemini",
    owner: "gemini",
    port: 3005,
    service: "web",
    age: 320,
    hasExited: true,
  },
];

/** Milliseconds after which a dashboard shows any change. */
const PAUSE = 2000;

const UNCLAIMED = { 5173: "vite", 8080: "http-server" };

export interface Seed extends AsyncDisposable {
  /** The user's home directory, and the registry in it. */
  user: string;
  home: string;
  /** Claims two more ports, starts a server on one and releases the other. */
  bustle(): Promise<void>;
}

/** Claims that are made while a dashboard is open. */
const LATER: (Sample & Checkout)[] = [
  { ...DOCS, port: 4323, service: "search", server: "meilisearch", age: 0 },
  { ...SHOP, port: 3004, service: "e2e", age: 0 },
];

/** Fills a registry. Its processes end with it. */
export async function seed(): Promise<Seed> {
  const folder = mkdtempSync(`${tmpdir()}/portclaim-seed-`);
  const user = `${folder}/ada`;
  const home = `${user}/.portclaim`;
  const started: Named[] = [];
  mkdirSync(`${home}/claims`, { recursive: true, mode: 0o700 });
  for (const [root, branch] of Object.entries(BRANCHES)) {
    mkdirSync(`${user}/code/${root}/.git`, { recursive: true });
    writeFileSync(`${user}/code/${root}/.git/HEAD`, `ref: refs/heads/${branch}\n`);
  }
  const start = (name: string, cwd: string, ports: readonly number[] = []) => {
    mkdirSync(cwd, { recursive: true });
    const child = startNamed(folder, name, cwd, ports);
    started.push(child);
    return child;
  };
  const owners = new Map<string, Named>();
  const ownerOf = (name: string) => {
    const owner = owners.get(name) ?? start(name, user);
    owners.set(name, owner);
    return owner;
  };
  const path = (port: number) => `${home}/claims/${port}.json`;
  const directoryOf = ({ root, directory }: Checkout & Sample) =>
    [user, "code", root, directory].filter(Boolean).join("/");
  const claim = (sample: Sample & Checkout, pid: number) => {
    const root = `${user}/code/${sample.root}`;
    const text = JSON.stringify({ ...claimOf(sample, pid), cwd: directoryOf(sample), root });
    writeFileSync(path(sample.port), text, { mode: 0o600 });
  };
  const serve = (sample: Sample & Checkout) => {
    const { server = "", owner, hasExited, elsewhere, port } = sample;
    if (hasExited) return start(server, directoryOf(sample), [port]);
    if (elsewhere) return start(server, directoryOf(sample), [elsewhere]);
    const cwd = directoryOf(sample);
    mkdirSync(cwd, { recursive: true });
    const line = JSON.stringify({ command: commandOf(folder, server, [port]), cwd });
    const { stdin } = ownerOf(owner);
    stdin.write(`${line}\n`);
    stdin.flush();
    return undefined;
  };
  for (const sample of SAMPLES) {
    const server = sample.server ? serve(sample) : undefined;
    if (sample.foreign) start(sample.foreign, user, [sample.port]);
    claim(sample, (sample.elsewhere && server ? server : ownerOf(sample.owner)).pid);
  }
  for (const [port, name] of Object.entries(UNCLAIMED)) {
    start(name, `${user}/code/landing`, [Number(port)]);
  }
  return {
    user,
    home,
    async bustle() {
      for (const sample of LATER) {
        claim(sample, ownerOf(sample.owner).pid);
        await Bun.sleep(PAUSE);
        if (sample.server) serve(sample);
        else rmSync(path(sample.port));
        await Bun.sleep(PAUSE);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const { pid } of started) process.kill(-pid, "SIGKILL");
      await Promise.all(started.map((child) => child.exited));
      rmSync(folder, { recursive: true });
    },
  };
}

type Named = Bun.Subprocess<"pipe", "ignore", "inherit">;

/** Starts a process with a name of its own, in a session of its own, so that no claim covers it by its group. */
function startNamed(folder: string, name: string, cwd: string, ports: readonly number[]): Named {
  const command = ["setsid", ...commandOf(folder, name, ports)];
  return Bun.spawn(command, { cwd, stdio: ["pipe", "ignore", "inherit"] });
}

/** Starts the commands that it reads, as an agent does. */
const OBEY = `for await (const line of console) {
  const { command, cwd } = JSON.parse(line);
  Bun.spawn(command, { cwd, stdio: ["ignore", "ignore", "inherit"] });
}`;

/** A program with this name that listens on some ports. */
function commandOf(folder: string, name: string, ports: readonly number[]): string[] {
  const listen = ports.map(
    (port) => `Bun.listen({ hostname: "127.0.0.1", port: ${port}, socket: { data() {} } });`,
  );
  const file = `${folder}/${[name, ...ports].join("-")}.js`;
  writeFileSync(file, ["setInterval(() => {}, 1e6);", ...listen, OBEY].join("\n"));
  return ["bash", "-c", `exec -a ${name} "$0" "$1"`, process.execPath, file];
}

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
    owner: {
      command: owner,
      start,
      ...machine.identity(),
      at: String(machine.monotonic() - age * 60),
      ...(sample.elsewhere && { serves: true }),
    },
  };
}
