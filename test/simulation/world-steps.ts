import type { Lease } from "../../registry/model/claim.ts";
import { formatTime } from "../../registry/model/time.ts";
import { CONTAINER, DIRECTORIES, type Held, pick, type Scene, SERVICES } from "./scene.ts";

/** A server binds a port: its kind decides whether a claim covers it. */
export type Kind = "in the claim's group" | "owner's child" | "supervised" | "foreign" | "hidden";

export const KINDS: readonly Kind[] = [
  "in the claim's group",
  "owner's child",
  "supervised",
  "foreign",
  "hidden",
];

export function serve(scene: Scene, [target, kind]: [number, Kind]): void {
  const { first, last } = scene.config.range;
  const held = pick([...scene.held.values()], target);
  const port = held?.port ?? first + (target % (last - first + 1));
  if (scene.isBound(port)) return;
  scene.happened.add(`serve ${kind}`);
  const { machine } = scene;
  if (kind === "hidden") return machine.listen(port, undefined, "127.0.0.1", 1001);
  const pid = scene.newPid();
  const parent = machine.processes.has(held?.pid ?? 0) ? held?.pid : 1;
  if (kind === "foreign") machine.start({ pid, parent: 1, cwd: "/srv/elsewhere" });
  else if (kind === "owner's child") {
    machine.start({ pid, parent: parent ?? 1, cwd: "/srv/elsewhere" });
  } else {
    const group = held?.group ?? pid;
    const above = kind === "supervised" ? scene.newPid() : 1;
    const cwd = held?.cwd ?? DIRECTORIES[0];
    if (above > 1) machine.start({ pid: above, parent: 1, group, cwd, argv: ["nodemon"] });
    machine.start({ pid, parent: above, group, cwd });
  }
  machine.listen(port, pid);
}

export function stopServing(scene: Scene, target: number): void {
  const socket = pick(scene.machine.sockets, target);
  if (socket === undefined) return;
  scene.machine.unlisten(socket.port);
  if (socket.pid !== undefined && target % 2 === 0) scene.machine.end(socket.pid);
}

/** Ends any process but init. */
export function end(scene: Scene, target: number): void {
  const pids = [...scene.machine.processes.keys()].filter((pid) => pid > 1);
  const pid = pick(pids, target);
  if (pid !== undefined) scene.machine.end(pid);
  if (scene.agents().length === 0) scene.startAgent();
}

/** Starts an agent, whose pid may be that of an owner that ended. */
export function begin(scene: Scene, target: number): void {
  const freed = pick(scene.freedPids(), target);
  if (freed !== undefined) scene.happened.add("recycled pid");
  scene.startAgent(freed);
}

/** A claim that another program wrote: with no owner, fields of its own, or from elsewhere. */
export interface Planting {
  port: number;
  owner: "unknown" | "another container" | "another host";
  service: number;
  lease: Lease;
  pid: number;
  note: unknown;
}

export function plant(scene: Scene, planting: Planting): void {
  const { first, last } = scene.config.range;
  const port = first + (planting.port % (last - first + 1));
  if (scene.text(port) !== undefined) return;
  const { machine } = scene;
  const cwd = DIRECTORIES[0];
  const agent = pick(scene.agents(), planting.pid);
  const pid = planting.pid % 3 === 0 || !agent ? scene.newPid() : agent.pid;
  const facts = { service: pick(SERVICES, planting.service) ?? "", project: "my-app" };
  const place = {
    host: planting.owner === "another host" ? "another host" : machine.where.host,
    boot: planting.owner === "another host" ? "its boot" : machine.where.boot,
    pidns: CONTAINER,
    netns: machine.where.netns,
  };
  const owner = { command: "node", start: "1", ...place, at: "1.5", remark: planting.note };
  const claim = {
    port,
    pid,
    agent: null,
    ...facts,
    claimed_at: formatTime(machine.wall),
    lease: planting.lease,
    cwd,
    note: planting.note,
    ...(planting.owner !== "unknown" && { owner }),
  };
  const text = JSON.stringify(claim);
  scene.put(`${port}.json`, text);
  scene.happened.add(`planted, owner ${planting.owner}`);
  scene.held.set(port, {
    port,
    pid,
    start: undefined,
    boot: place.boot,
    ...facts,
    cwd,
    lease: planting.lease,
    asker: planting.owner,
    group: undefined,
    serves: false,
    shell: undefined,
    asked: undefined,
    at: planting.owner === "another container" ? 1.5 : undefined,
    wall: machine.wall,
    text,
  } satisfies Held);
}

/** A file that is named like a claim, but isn't one. */
export function spoil(scene: Scene, [number, text]: [number, string]): void {
  const { first, last } = scene.config.range;
  const port = first + (number % (last - first + 1));
  if (scene.text(port) !== undefined) return;
  scene.put(`${port}.json`, text);
  scene.broken.set(port, { text, wall: scene.machine.wall });
}
