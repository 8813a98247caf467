import { SystemError } from "../native/errno.ts";
import type { Lock, Machine, HostIdentity } from "../native/machine.ts";
import type { Files, Listener, Probe, Process } from "../native/types.ts";
import { type Config, DEFAULTS } from "../registry/config/config.ts";
import { findHome } from "../registry/config/home.ts";
import type { Claim } from "../registry/model/claim.ts";
import { type Caller, callerFor, resolveCaller } from "../registry/owner/caller.ts";
import { ClaimStore, type ClaimTable } from "../registry/store/claims.ts";
import { HISTORY_SIZE, type Registry } from "../registry/store/registry.ts";
import { FaultyFiles, MemoryFiles } from "./fake-files.ts";

/** A process of a scripted machine, with everything that real ones are asked for. */
export interface FakeProcess extends Process {
  argv: string[];
  env: string[];
  cwd: string;
  uid: number;
  /** Not shown to us (hidepid), though kill(2) finds it. */
  hidden: boolean;
  namespaces: { pid: string | null; net: string | null };
}

const INITIAL = { pid: "4026531836", net: "4026531840" };
const BOOT_TICKS = 100;
/** Inodes of connections begin here. */
const CLIENTS = 1_000_000;

/** The pid of the agent that every scripted machine begins with; its shell calls portclaim. */
export const AGENT = 100;
export const HOME = "/home/me";
export const PROJECT = `${HOME}/my-app`;

/** A machine whose processes, sockets, clocks and files do what a test says. */
export class FakeMachine implements Machine {
  pid = 900;
  parent = AGENT;
  uid = 1000;
  gid = 1000;
  readonly memory = new MemoryFiles();
  readonly faults: FaultyFiles;
  readonly files: Files;
  readonly processes = new Map<number, FakeProcess>();
  readonly sockets: Listener[] = [];
  /** Ports that something bound without listening, or that may not be bound. */
  readonly bound = new Map<number, Probe>();
  /** Every port that was probed, in order. */
  readonly probed: number[] = [];
  /** Every signal that was sent, in order; a process may be deaf to SIGTERM. */
  readonly signals: [pid: number, name: string][] = [];
  readonly deafTo = new Set<number>();
  where: HostIdentity;
  /** Seconds of this boot, awake and in all; and microseconds since 1970. */
  awake = 1000;
  sinceBoot = 1000;
  wall = 1_700_000_000_000_000;
  /** The process that holds the registry's lock, and after how many tries it releases it. */
  lockedBy: number | undefined;
  freedAfter = Infinity;
  locks = 0;
  network: string | undefined;
  #inodes = 1;

  constructor(files?: Files) {
    this.faults = new FaultyFiles(files ?? this.memory);
    this.files = this.faults.files;
    this.memory.put(`${PROJECT}/package.json`, "{}");
    this.where = { host: "host", boot: "boot", pidns: INITIAL.pid, netns: INITIAL.net };
    this.start({ pid: 1, parent: 0, argv: ["/sbin/init"], uid: 0 });
    this.start({ pid: AGENT, parent: 1, argv: ["claude"] });
  }

  /** Starts a process: of its own group, now, in the project's directory, unless told otherwise. */
  start(given: Partial<FakeProcess> & { pid: number }): FakeProcess {
    const process: FakeProcess = {
      parent: AGENT,
      group: given.pid,
      start: this.startClock(),
      ended: false,
      forked: false,
      name: (given.argv?.[0] ?? "server").split("/").at(-1) ?? "",
      argv: ["server"],
      env: [],
      hasTerminal: false,
      suspended: false,
      cwd: PROJECT,
      uid: this.uid,
      hidden: false,
      namespaces: { ...INITIAL },
      ...given,
    };
    this.processes.set(process.pid, process);
    return process;
  }

  /** Ends a process: its sockets close, its children become init's. */
  end(pid: number): void {
    this.processes.delete(pid);
    for (const child of this.processes.values()) if (child.parent === pid) child.parent = 1;
    this.#close((socket) => socket.pid === pid);
  }

  listen(port: number, pid: number | undefined, address = "127.0.0.1", uid = this.uid): void {
    const known = pid === undefined ? {} : { pid };
    this.sockets.push({ port, address, uid, inode: this.#inodes++, ...known });
  }

  unlisten(port: number): void {
    this.#close((socket) => socket.port === port);
  }

  #close(goes: (socket: Listener) => boolean): void {
    const stay = this.sockets.filter((socket) => !goes(socket));
    this.sockets.splice(0, this.sockets.length, ...stay);
  }

  /** Lets time pass. */
  advance(seconds: number): void {
    this.awake += seconds;
    this.sleepThrough(seconds);
  }

  /** Time that the machine was suspended for: CLOCK_MONOTONIC doesn't count it. */
  sleepThrough(seconds: number): void {
    this.sinceBoot += seconds;
    this.wall += seconds * 1e6;
  }

  /** Another boot of the same machine: other processes, the same pids. */
  reboot(): void {
    this.where = { ...this.where, boot: "another boot" };
    this.sockets.length = 0;
    this.awake = this.sinceBoot = 50;
    for (const process of this.processes.values()) process.start = this.startClock();
  }

  registry(config: Partial<Config> = {}): Registry {
    return {
      machine: this,
      home: findHome(this, { HOME }),
      config: { ...DEFAULTS, ...config },
      lock: { timeout: 5 },
      shared: new Set(["/", "/tmp", HOME]),
      allowNetwork: false,
      historySize: HISTORY_SIZE,
    };
  }

  /** The caller on whose behalf `parent` calls portclaim. */
  caller(parent = this.parent): Caller {
    this.parent = parent;
    return resolveCaller(this, "acquire");
  }

  callerFor = (pid: number): Caller => callerFor(this, pid);

  /** The contents of claims/. */
  contents(): ClaimTable {
    return new ClaimStore(this, this.registry().home).readAll();
  }

  claim(port: number): Claim | undefined {
    return this.contents().claims.get(port)?.claim;
  }

  /** Writes a claim file as another program might. */
  plant(port: number, text: string | object): void {
    const content = typeof text === "string" ? text : JSON.stringify(text);
    this.memory.put(`${HOME}/.portclaim/claims/${port}.json`, content);
  }

  userHome = (): string | undefined => "/root";
  identity = () => this.where;
  wallClock = () => this.wall;
  monotonic = () => this.awake;
  startClock = () => Math.floor(this.sinceBoot * BOOT_TICKS);
  secondsSince = (start: number) => this.sinceBoot - start / BOOT_TICKS;
  process = (pid: number) => this.#seen(pid);
  commandLine = (pid: number) => this.#seen(pid)?.argv ?? [];
  workingDirectory = (pid: number) => this.#seen(pid)?.cwd;
  environment = (pid: number) => this.#seen(pid)?.env ?? [];
  user = (pid: number) => this.#seen(pid)?.uid;
  pids = () => [...this.processes.keys()].filter((pid) => this.#seen(pid));
  allProcesses = () => [...this.processes.values()].filter(({ hidden }) => !hidden);
  exists = (pid: number) =>
    pid > 0
      ? this.processes.has(pid)
      : [...this.processes.values()].some(({ group }) => group === -pid);
  namespace = (kind: "pid" | "net", pid: number) => this.#seen(pid)?.namespaces[kind] ?? null;
  isNested = (pid: number) => this.#seen(pid)?.namespaces.pid !== INITIAL.pid;
  ephemeralPorts = () => ({ first: 32_768, last: 60_999 });
  listeners = () =>
    this.sockets.map(({ port, address, uid, inode }) => ({ port, address, uid, inode }));
  /** Connections to a port: the pids of its clients. */
  readonly clients = new Map<number, number[]>();
  connections = (port: number) => (this.clients.get(port) ?? []).map((pid) => CLIENTS + pid);
  socketOwners = (inodes: ReadonlySet<number>) =>
    new Map([
      ...[...inodes]
        .filter((inode) => inode > CLIENTS)
        .map((inode): [number, number[]] => [inode, [inode - CLIENTS]]),
      ...this.sockets
        .filter(({ inode, pid }) => inodes.has(inode) && pid !== undefined)
        .map(({ inode, pid }): [number, number[]] => [inode, [pid ?? 0]]),
    ]);
  probe = (port: number): Probe => {
    this.probed.push(port);
    if (this.sockets.some((socket) => socket.port === port)) return "used";
    return this.bound.get(port) ?? "free";
  };
  networkFileSystem = () => this.network;
  lockHolder = () => this.lockedBy;
  signal = (pid: number, name: string) => {
    if (!this.processes.has(pid)) throw new SystemError("ESRCH", "kill");
    this.signals.push([pid, name]);
    if (name === "SIGKILL" || !this.deafTo.has(pid)) this.end(pid);
  };
  pause = (milliseconds: number) => this.advance(milliseconds / 1000);

  /** Waiting in the kernel is impossible here, unless the test says how. */
  lockWithin: Machine["lockWithin"] = () => undefined;

  tryLock = (path: string): Lock | undefined => {
    if (this.freedAfter-- <= 0) this.lockedBy = undefined;
    if (this.lockedBy !== undefined) return undefined;
    this.lockedBy = this.pid;
    this.locks++;
    return { path, [Symbol.dispose]: () => void (this.lockedBy = undefined) };
  };

  #seen(pid: number): FakeProcess | undefined {
    const process = this.processes.get(pid);
    return process?.hidden ? undefined : process;
  }
}
