import { unless } from "../errno.ts";
import { files } from "../files.ts";
import { formatAddress } from "../posix/address.ts";
import { hasLibc } from "../posix/libc.ts";
import type { Listener } from "../types.ts";
import { allProcesses, isOwnProc } from "./processes.ts";
import { dumpListening } from "./sockdiag.ts";

/** States of a socket, in hexadecimal. */
const LISTEN = "0A";
const ESTABLISHED = "01";

/** Every listening TCP socket of this network namespace: by netlink, else from /proc/net. */
export function listListeners(): Listener[] {
  return (hasLibc() ? dumpListening() : undefined) ?? fromProc();
}

/** The tables of proc_pid_net(5). */
const readTables = (): string[] =>
  ["/proc/net/tcp", "/proc/net/tcp6"].map(
    (path) => unless(["ENOENT", "EACCES"], () => files().read(path, Infinity)) ?? "",
  );

/** Reads the kernel's tables: slower than netlink, but available where that is forbidden. */
export const fromProc = (): Listener[] => readTables().flatMap(parseTable);

/** The inodes of the sockets that are connected to a TCP port of this machine, or from it. */
export function connectionsOf(port: number): number[] {
  const end = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readTables()
    .flatMap(rowsOf)
    .filter((field) => field[3] === ESTABLISHED)
    .filter((field) => field[1]?.endsWith(end) || field[2]?.endsWith(end))
    .map((field) => Number(field[9]));
}

const rowsOf = (table: string): string[][] =>
  table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/));

export function parseTable(table: string): Listener[] {
  return rowsOf(table)
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

/** See `Platform.socketOwners`. */
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
