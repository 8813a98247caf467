import type { Machine } from "../../native/machine.ts";

/** Seconds after which to search again for a socket's process that could not be found. */
const RETRY_AFTER = 30;

/**
 * Wraps a machine for repeated lookups: looks for a socket in the process that had it last before
 * searching all others.
 */
export function cacheSocketOwners(machine: Machine): Machine {
  const known = new Map<number, number[]>();
  const hidden = new Map<number, number>();
  const learn = (inode: number, pids: number[] | undefined) => {
    known.delete(inode);
    if (pids) known.set(inode, pids);
    else hidden.set(inode, machine.monotonic() + RETRY_AFTER);
  };
  return {
    ...machine,
    socketOwners(inodes, first) {
      forgetPast(hidden, machine.monotonic());
      const asked = [...inodes].filter((inode) => !hidden.has(inode));
      const old = new Set(asked.filter((inode) => known.has(inode)));
      const fresh = new Set(asked.filter((inode) => !known.has(inode)));
      const likely = new Set([...old].flatMap((inode) => known.get(inode) ?? []));
      const found = new Map([
        ...(old.size > 0 ? machine.socketOwners(old, [...likely]) : []),
        ...(fresh.size > 0 ? machine.socketOwners(fresh, first) : []),
      ]);
      for (const inode of asked) learn(inode, found.get(inode));
      return found;
    },
  };
}

function forgetPast(hidden: Map<number, number>, now: number): void {
  for (const [inode, until] of hidden) if (until < now) hidden.delete(inode);
}
