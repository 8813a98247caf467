import { unless } from "../../native/errno.ts";
import { isInPool } from "../config/pool.ts";
import { type ClaimView, HIGHEST_PORT } from "../model/claim.ts";
import { isUnserved, SETTLED } from "../query/elsewhere.ts";
import type { Registry } from "../store/registry.ts";

/** Seconds after which to read the registry again, regardless of the fingerprint. */
const MAX_AGE = 30;

/**
 * Tells at a fraction of the cost whether reading the registry could find anything new: compares the
 * directory, the config, the listening sockets, and which owners are alive. Ask before each reading, so
 * that a change during the reading is noticed the next time.
 */
export class ChangeDetector {
  #claims: readonly ClaimView[] = [];
  #fingerprint: string | undefined;
  #validUntil = 0;
  #latest = "";

  /** Whether nothing has changed since the last reading. */
  isSteady(registry: Registry): boolean {
    this.#latest = fingerprint(registry, this.#claims);
    return this.#latest === this.#fingerprint && registry.machine.monotonic() < this.#validUntil;
  }

  /** Forgets the last reading: the next answer of {@link isSteady} is no. */
  invalidate(): void {
    this.#fingerprint = undefined;
  }

  /** Remembers what was read, and when time alone will change it. */
  remember({ machine, config }: Registry, claims: readonly ClaimView[]): void {
    // If the claims differ, the fingerprint covers other processes and ports.
    const isSame = JSON.stringify(claims.map(idsOf)) === JSON.stringify(this.#claims.map(idsOf));
    const starting = claims.filter(({ state }) => state === "starting");
    // A claim that waits for a dead owner's server depends on processes that the fingerprint leaves out.
    const isComplete = starting.every(({ pid }) => machine.exists(pid));
    const before = this.#fingerprint;
    this.#fingerprint = isSame && isComplete ? this.#latest : undefined;
    this.#claims = claims;
    const left = starting.map(({ age }) => config.grace - age);
    // A new listener may be a claim's server on another port.
    const isSettling = this.#latest !== before && claims.some(({ state }) => isUnserved(state));
    if (isSettling) left.push(SETTLED);
    this.#validUntil = machine.monotonic() + Math.min(MAX_AGE, ...left);
  }
}

const idsOf = ({ port, pid, listeners }: ClaimView) => [port, pid, listeners.map((one) => one.pid)];

function fingerprint({ machine, home, config }: Registry, claims: readonly ClaimView[]): string {
  const fileMark = (path: string) => {
    const stat = unless(["ENOENT"], () => machine.files.stat(path));
    return stat && [stat.id, stat.mtime, stat.size];
  };
  const ports = new Set(claims.map(({ port }) => port));
  // A server may have chosen any port below the ephemeral ones instead of the claimed one.
  const mayBeElsewhere = claims.some(({ state }) => isUnserved(state));
  const last = mayBeElsewhere ? (machine.ephemeralPorts()?.first ?? HIGHEST_PORT) - 1 : 0;
  const sockets = machine
    .listeners()
    .filter(({ port }) => port <= last || ports.has(port) || isInPool(config, port))
    .map(({ port, inode, pid }) => [port, inode, pid]);
  const owners = [...new Set(claims.map(({ pid }) => pid))].map((pid) => {
    const process = machine.process(pid);
    return process && !process.ended ? process.start : null;
  });
  // A process that exits closes its socket too, unless another has it open.
  const servers = claims
    .flatMap(({ listeners }) => listeners)
    .map(({ pid }) => pid !== null && machine.exists(pid));
  return JSON.stringify([fileMark(home.claims), fileMark(home.config), sockets, owners, servers]);
}
