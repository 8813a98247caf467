import { unless } from "../errno.ts";
import { files } from "../files.ts";
import { formatAddress } from "../posix/address.ts";
import { hasLibc } from "../posix/libc.ts";
import type { Listener } from "../types.ts";
import { allProcesses, isOwnProc } from "./processes.ts";
import { dumpListening } from "./sockdiag.ts";

const LISTEN = "0A";

/** Every listening TCP socket of this network namespace: by netlink, else from /proc/net. */
export function listListeners(): Listener[] {
  return (hasLibc() ? dumpListening() : undefined) ?? fromProc();
}

/** Reads the tables of proc_pid_net(5): slower than netlink, but available where that is forbidden. */
export function fromProc(): Listener[] {
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) =>
    parseTable(unless(["ENOENT", "EACCES"], () => files().read(path, Infinity)) ?? ""),
  );
}

export function parseTable(table: string): Listener[] {
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((field) => field[3] === LISTEN)
    .map((field) => {
      const [address = "", port = ""] = field[1]?.split(":") ?? [];
      return {
        port: parseInt(port, 16),
        address: formatWords(address),
        uid: Number(field[7]),
        inode: Number(field[9]),
      };
    });
}

/** The kernel prints addresses as 32-bit words in this machine's byte order. */
function formatWords(hex: string): string {
  const bytes = new Uint8Array(hex.length / 2);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += 4) {
    view.setUint32(at, parseInt(hex.slice(at * 2, at * 2 + 8), 16), true);
  }
  return formatAddress(bytes);
}

/** As `Platform.socketOwners` says. */
export function socketOwners(
  inodes: ReadonlySet<number>,
  first: readonly number[],
  isCandidate: (pid: number) => boolean = () => true,
): Map<number, number[]> {
  const found = new Map<number, number[]>();
  if (!isOwnProc()) return found;
  const seen = new Set<number>();
  const look = (pid: number) => {
    if (seen.has(pid)) return;
    seen.add(pid);
    for (const inode of socketsOf(pid)) {
      if (inodes.has(inode)) found.set(inode, [...(found.get(inode) ?? []), pid]);
    }
  };
  first.forEach(look);
  if (found.size < inodes.size) allProcesses().filter(isCandidate).forEach(look);
  return found;
}

function socketsOf(pid: number): Set<number> {
  const directory = `/proc/${pid}/fd`;
  const names = unless(["ENOENT", "EACCES", "EPERM", "ESRCH"], () => files().list(directory));
  const sockets = new Set<number>();
  for (const name of names ?? []) {
    const link = files().readLinkIfVisible(`${directory}/${name}`);
    if (link?.startsWith("socket:[")) sockets.add(Number(link.slice(8, -1)));
  }
  return sockets;
}
