import { unless } from "../../native/errno.ts";
import type { ClaimView } from "../model/claim.ts";
import { isInPool } from "../query/unclaimed.ts";
import type { Registry } from "../store/registry.ts";

/** Seconds for which a pulse is believed: what it doesn't feel is seen after this. */
const BELIEVED = 30;

/**
 * Feels whether a look at the registry would find anything new, at a fraction of its cost: by the
 * folder, the config, what listens, and whether the owners live. Feel it before each look, so that
 * what happens meanwhile is felt the next time.
 */
export class ChangeDetector {
  #claims: readonly ClaimView[] = [];
  #felt: string | undefined;
  #until = 0;
  #next = "";

  /** Whether all is as it was at the last look. */
  isSteady(registry: Registry): boolean {
    this.#next = fingerprint(registry, this.#claims);
    return this.#next === this.#felt && registry.machine.monotonic() < this.#until;
  }

  /** Forgets what was felt: the next look is a whole one. */
  invalidate(): void {
    this.#felt = undefined;
  }

  /** Remembers what was felt before a look, and when time alone will change what it found. */
  looked({ machine, config }: Registry, claims: readonly ClaimView[]): void {
    // Felt of other processes and ports, it says nothing of these: the next look is a whole one.
    const isSame = JSON.stringify(claims.map(idsOf)) === JSON.stringify(this.#claims.map(idsOf));
    const starting = claims.filter(({ state }) => state === "starting");
    // One that waits for a dead owner's server hangs on processes that nobody feels here.
    const isClear = starting.every(({ pid }) => machine.exists(pid));
    this.#felt = isSame && isClear ? this.#next : undefined;
    this.#claims = claims;
    const left = starting.map(({ age }) => config.grace - age);
    this.#until = machine.monotonic() + Math.min(BELIEVED, ...left);
  }
}

const idsOf = ({ port, pid, listeners }: ClaimView) => [port, pid, listeners.map((one) => one.pid)];

function fingerprint({ machine, home, config }: Registry, claims: readonly ClaimView[]): string {
  const mark = (path: string) => {
    const stat = unless(["ENOENT"], () => machine.files.stat(path));
    return stat && [stat.id, stat.mtime, stat.size];
  };
  const ports = new Set(claims.map(({ port }) => port));
  const sockets = machine
    .listeners()
    .filter(({ port }) => ports.has(port) || isInPool(config, port))
    .map(({ port, inode, pid }) => [port, inode, pid]);
  const owners = [...new Set(claims.map(({ pid }) => pid))].map((pid) => {
    const process = machine.process(pid);
    return process && !process.ended ? process.start : null;
  });
  // One that ends closes its socket too, unless another process has it open.
  const servers = claims
    .flatMap(({ listeners }) => listeners)
    .map(({ pid }) => pid !== null && machine.exists(pid));
  return JSON.stringify([mark(home.claims), mark(home.config), sockets, owners, servers]);
}
