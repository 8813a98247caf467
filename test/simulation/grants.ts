import { expect } from "bun:test";
import type { AcquireRequest } from "../../registry/allocate/acquire-request.ts";
import type { Grant } from "../../registry/allocate/allocation.ts";
import type { Call } from "./caller.ts";
import type { Fates } from "./ledger.ts";
import { age, awaited, lives, state } from "./oracle.ts";
import type { Held, Scene } from "./scene.ts";

const portsOf = (list: readonly Held[]) => list.map(({ port }) => port);

/** What an acquire may hand out, given the state of the world once dead claims are reaped. */
export class Offer {
  /** Live claims that the call finds; those that it has granted itself aren't for its next service. */
  readonly #found: Map<number, Held>;
  readonly #granted = new Set<number>();

  constructor(
    readonly scene: Scene,
    readonly call: Call,
    readonly request: AcquireRequest,
    readonly fates: Fates,
  ) {
    this.#found = new Map([...scene.held].filter(([port]) => fates.get(port) !== "goes"));
  }

  /** The claim that this port could be taken over from: nothing uses it and it is not protected. */
  #idleOn(port: number): Held | undefined {
    const held = this.#found.get(port);
    const idle = held?.lease === "ephemeral" && state(this.scene, held) === "idle";
    return idle ? held : undefined;
  }

  #isUnclaimed(port: number): boolean {
    return !this.#found.has(port) && !this.scene.broken.has(port) && !this.#granted.has(port);
  }

  /** A preferred port that must be granted; with `--pid`, its owner's own server is no obstacle. */
  isFree(port: number): boolean {
    const { machine } = this.scene;
    const on = machine.sockets.filter((socket) => socket.port === port);
    if (on.length === 0) return this.#isUnclaimed(port) || this.#idleOn(port) !== undefined;
    const own = this.call.asker === "pid" && on.every(({ pid }) => this.#isOwners(pid ?? 0));
    return own && this.#isUnclaimed(port);
  }

  #isOwners(pid: number): boolean {
    const { agent } = this.call;
    if (pid === agent.pid) return true;
    const parent = this.scene.machine.processes.get(pid)?.parent ?? 0;
    return parent > 0 && this.#isOwners(parent);
  }

  /** Ports of the pool to choose from: those without a claim, else the oldest idle one. */
  choosable(): number[] {
    const { free, idle } = this.#pool();
    if (free.length > 0) return free;
    const oldest = Math.max(...idle.map((held) => age(this.scene, held)));
    return portsOf(idle.filter((held) => age(this.scene, held) === oldest));
  }

  /** How many ports of the pool could be handed out, one after the other. */
  room(): number {
    const { free, idle } = this.#pool();
    return free.length + idle.length;
  }

  #pool(): { free: number[]; idle: Held[] } {
    const { first, last } = this.scene.config.range;
    const all = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const { exclude } = this.scene.config;
    const open = all.filter((port) => !exclude.has(port) && !this.scene.isBound(port));
    return {
      free: open.filter((port) => this.#isUnclaimed(port)),
      idle: open.map((port) => this.#idleOn(port)).filter((held) => held !== undefined),
    };
  }

  /** Whether a call that was killed midway may have written a claim on this port. */
  mayWrite(port: number, service: string): boolean {
    const again = portsOf(this.#again(service)).includes(port);
    return again || this.isFree(port);
  }

  #isSame(held: Held, service: string): boolean {
    const { cwd, project } = this.request;
    const here = held.cwd === undefined || held.cwd === cwd;
    return held.service === service && held.project === project && here;
  }

  /** Claims that another acquire returns: the owner's own, which nothing uses or is about to use. */
  #again(service: string): Held[] {
    const { scene, call, fates } = this;
    return [...this.#found.values()].filter((held) => {
      if (typeof fates.get(held.port) === "object" || scene.isBound(held.port)) return false;
      const own = held.pid === call.agent.pid && lives(scene, held);
      return own && this.#isSame(held, service) && !awaited(scene, held);
    });
  }

  /** Fails unless the grant is one that this service of the call may get. */
  check({ claim: { port }, how, takenFrom }: Grant, index: number): void {
    const service = this.request.services[index] ?? "";
    const { prefer, exact, reuse } = this.request;
    const preferred = index === 0 ? prefer : undefined;
    const fits = (held: Held) => !exact || preferred === undefined || held.port === preferred;
    const same = [...this.#found.values()].filter((held) => this.#isSame(held, service));
    const isRunning = (held: Held) =>
      held.cwd === this.request.cwd && !["dead", "occupied"].includes(state(this.scene, held));
    const reusable = reuse ? same.filter(fits).filter(isRunning) : [];
    const again = this.#again(service).filter(fits);
    if (reusable.length > 0) {
      expect(how).toBe("reused");
      expect(portsOf(reusable)).toContain(port);
    } else if (again.length > 0) {
      expect(how).toBe("again");
      expect(portsOf(again)).toContain(port);
    } else {
      expect(how).toBe("new");
      const wanted = preferred !== undefined && (exact || this.isFree(preferred));
      expect(wanted ? [preferred] : this.choosable()).toContain(port);
      if (wanted) expect(this.isFree(port)).toBeTrue();
      expect(takenFrom?.port).toBe(this.#found.has(port) ? port : undefined);
    }
    this.#found.delete(port);
    this.#granted.add(port);
  }
}
