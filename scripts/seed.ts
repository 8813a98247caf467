/** A registry that shows every state, with real processes, for pictures. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { thisMachine } from "../native/machine.ts";
import type { Claim } from "../registry/model/claim.ts";
import type { HistoryEvent } from "../registry/model/event.ts";
import { BRANCHES, type Checkout, LATER, type Sample, SAMPLES } from "./samples.ts";

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
  writeFileSync(`${home}/history.jsonl`, historyOf(SAMPLES), { mode: 0o600 });
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
      for (const { pid } of started) {
        // One that was stopped on the page is gone.
        if (thisMachine().exists(-pid)) process.kill(-pid, "SIGKILL");
      }
      await Promise.all(started.map((child) => child.exited));
      rmSync(folder, { recursive: true });
    },
  };
}

type Named = Bun.Subprocess<"pipe", "ignore", "inherit">;

/** What happened to each port: another claim that was released, and the present one. */
function historyOf(samples: readonly Sample[]): string {
  const events = samples.flatMap(({ port, service, project, agent, owner, age }) => {
    const event = (minutes: number, what: Partial<HistoryEvent>) => ({
      at: timeOf(minutes),
      event: "claimed",
      port,
      service,
      project,
      cwd: null,
      agent,
      by: `${owner} (pid 4711)`,
      reason: null,
      ...what,
    });
    if (age < 10) return [event(age, {})];
    const other = { agent: "codex", by: "codex (pid 4242)" };
    const reason = "its owner exited";
    return [
      event(age + 90, other),
      event(age + 20, { ...other, event: "reaped", by: event(age, {}).by, reason }),
      event(age, {}),
    ];
  });
  const lines = events.toSorted((a, b) => (a.at < b.at ? -1 : 1)).map((one) => JSON.stringify(one));
  return `${lines.join("\n")}\n`;
}

const timeOf = (minutesAgo: number) =>
  new Date(Date.now() - minutesAgo * 60_000).toISOString().replace("Z", "000Z");

/** Starts a process with this name in a new session, so that no claim covers it by its group. */
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
    claimed_at: timeOf(age),
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
