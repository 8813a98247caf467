import { readFileSync } from "node:fs";
import { unless } from "../errno.ts";
import { parseAddress6 } from "../posix/address.ts";
import { findInTable } from "./kernel-table.ts";

/** The kernel's tables of TCP connections: proc_pid_net(5). */
const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"];

/** An address as the tables print it: in hexadecimal, the bytes of each 32-bit word reversed. */
function hexOf(bytes: Uint8Array): string {
  const words = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.slice(i * 4, i * 4 + 4));
  return words.map((word) => word.toReversed().toHex()).join("");
}

/** The ways that an address may be printed: IPv4 also as an IPv6 socket has it. */
function formsOf(address: string): string[] {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (plain.includes(":")) return [hexOf(parseAddress6(plain))];
  const hex = hexOf(Uint8Array.from(plain.split(".").map(Number)));
  return [hex, `0000000000000000ffff0000${hex}`];
}

/** The user of the socket in a table that is bound to `address` and `own` and connected to `port`. */
export function findUser(
  table: string,
  address: string,
  own: number,
  port: number,
): number | undefined {
  const hexPort = (number: number) => number.toString(16).padStart(4, "0");
  const ends = formsOf(address).map((form) => `${form}:${hexPort(own)}`);
  for (const line of table.toLowerCase().split("\n")) {
    const [, local = "", remote = "", , , , , uid, , inode] = line.trim().split(/\s+/);
    if (!ends.includes(local) || !remote.endsWith(`:${hexPort(port)}`)) continue;
    // The kernel prints root as the user of a socket that its process has closed.
    if (Number(inode) > 0) return Number(uid);
  }
  return undefined;
}

/**
 * The user at the other end of a TCP connection within this machine; `undefined` if that end can't be
 * found. `address` and `own` are the other end's address and port, `port` is ours.
 */
export function peerUser(address: string, own: number, port: number): number | undefined {
  return findInTable(() => {
    for (const path of TABLES) {
      const table = unless(["ENOENT", "EACCES"], () => readFileSync(path, "latin1"));
      const uid = table && findUser(table, address, own, port);
      if (uid !== undefined && uid !== "") return uid;
    }
    return undefined;
  });
}
