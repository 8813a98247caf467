import { type Config, DEFAULTS } from "../../registry/config/config.ts";
import type { Claim } from "../../registry/model/claim.ts";
import { openRegistry, type Registry } from "../../registry/store/registry.ts";
import { AGENT, type FakeProcess, HOME, PROJECT } from "../fake-machine.ts";
import { MortalMachine } from "./mortal-machine.ts";
import { Story } from "./story.ts";

/** Where a claim's owner stood when it asked, by which it is known whether a process may still bind. */
export type Asker =
  | "throwaway shell"
  | "shell in own group"
  | "own group"
  | "pid"
  | "unknown"
  | "another container"
  | "another host";

/** A claim as the model knows it, recorded from the request: never read from its file. */
export interface Held {
  port: number;
  pid: number;
  /** The start and the boot of its owner; none where the claim doesn't tell. */
  start: number | undefined;
  boot: string | null;
  service: string;
  project: string;
  cwd: string | undefined;
  lease: Claim["lease"];
  asker: Asker;
  group: number | undefined;
  /** The shell that asked, where it is of its owner's group. */
  shell: FakeProcess | undefined;
  /** Its server, or the server's supervisor, has adopted it. */
  serves: boolean;
  /** Seconds awake, and microseconds since 1970, when it was asked for. */
  at: number | undefined;
  wall: number;
  asked: number | undefined;
  /** Its file's text, last seen. */
  text: string;
}

const FIRST_PID = 2000;
/** No part of the history is rotated away. */
const PORTCLAIM_HISTORY_SIZE = String(2 ** 50);
/** The pid namespace of a container on this machine. */
export const CONTAINER = "4026539999";
/** Where callers and servers work. */
export const DIRECTORIES = [PROJECT, `${HOME}/other-app`] as const;
export const SERVICES = ["web", "api", "db"] as const;
const CLAIMS = `${HOME}/.portclaim/claims`;

/** Everything there is: a fake machine, its registry, and what the model knows to be promised. */
export class Scene {
  readonly machine = new MortalMachine();
  readonly story = new Story(this.machine);
  config: Config = DEFAULTS;
  held = new Map<number, Held>();
  /** Unreadable claim files by port, and when they were written. */
  readonly broken = new Map<number, { text: string; wall: number }>();
  /** What happened, for the test to see that nothing is left out. */
  readonly happened = new Set<string>();
  /** Who calls now, with all above it: none of these is about to bind a port. */
  isLineage: (pid: number) => boolean = () => false;
  #pids = FIRST_PID;
  #boots = 0;

  constructor() {
    this.configure(3000, 3007, 60.01, []);
    this.startAgent();
    this.startAgent();
    this.startContainer();
  }

  /** The registry as a command opens it. */
  registry(): Promise<Registry> {
    return openRegistry({ environment: { HOME, PORTCLAIM_HISTORY_SIZE }, machine: this.machine });
  }

  /** Writes config.toml anew. */
  configure(first: number, last: number, grace: number, exclude: readonly number[]): void {
    this.config = { ...DEFAULTS, range: { first, last }, grace, exclude: new Set(exclude) };
    const text = `[pool]
range = "${first}-${last}"
exclude = [${exclude.join(", ")}]
[reap]
grace = "${grace}s"`;
    this.machine.memory.put(`${HOME}/.portclaim/config.toml`, text);
  }

  /** A new agent, with the pid of one that ended if there is such a pid. */
  startAgent(pid = this.newPid()): FakeProcess {
    this.machine.advance(0.02);
    return this.machine.start({ pid, parent: 1, argv: ["claude"], name: "claude" });
  }

  startContainer(): void {
    const namespaces = { pid: CONTAINER, net: this.machine.where.netns };
    this.machine.start({ pid: this.newPid(), parent: 1, cwd: "/", namespaces });
  }

  newPid(): number {
    return this.#pids++;
  }

  agents(): FakeProcess[] {
    return [...this.machine.processes.values()].filter(({ name }) => name === "claude");
  }

  /** Pids that claims name and no process has. */
  freedPids(): number[] {
    const pids = [...this.held.values()].map(({ pid }) => pid);
    return pids.filter((pid) => !this.machine.processes.has(pid));
  }

  reboot(): void {
    this.happened.add("rebooted");
    this.machine.reboot();
    this.machine.where = { ...this.machine.where, boot: `boot ${++this.#boots}` };
    for (const { pid } of this.machine.processes.values()) if (pid > AGENT) this.machine.end(pid);
    this.startAgent();
  }

  /** The claims folder as it is: names and texts. */
  files(): Map<string, string> {
    const nodes = [...this.machine.memory.nodes].filter(([path]) => path.startsWith(`${CLAIMS}/`));
    return new Map(nodes.map(([path, { text }]) => [path.slice(CLAIMS.length + 1), text]));
  }

  text(port: number): string | undefined {
    return this.machine.memory.nodes.get(`${CLAIMS}/${port}.json`)?.text;
  }

  put(name: string, text: string): void {
    this.machine.memory.now = this.machine.wall / 1e6;
    this.machine.memory.put(`${CLAIMS}/${name}`, text);
    // No history tells what another program wrote.
    this.story.begin();
  }

  isBound(port: number): boolean {
    return this.machine.sockets.some((socket) => socket.port === port);
  }
}

/** Picks one of a list by any number; nothing of an empty list. */
export const pick = <T>(list: readonly T[], number: number): T | undefined =>
  list[number % Math.max(1, list.length)];
