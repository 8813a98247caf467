import { readFileSync } from "node:fs";
import { unless } from "../errno.ts";
import { parseAddress6 } from "../posix/address.ts";

/** The kernel's TCP connection tables: proc_pid_net(5). */
const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"];
/** The kernel returns a table a page at a time, so a read can miss entries while the table grows. */
const TRIES = 3;

/** An address in the tables' notation: hexadecimal 32-bit words, each with its bytes reversed. */
function hexOf(bytes: Uint8Array): string {
  const words = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.slice(i * 4, i * 4 + 4));
  return words.map((word) => word.toReversed().toHex()).join("");
}

/** The forms that an address can take in the tables: IPv4 also appears as IPv4-mapped IPv6. */
function formsOf(address: string): string[] {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (plain.includes(":")) return [hexOf(parseAddress6(plain))];
  const hex = hexOf(Uint8Array.from(plain.split(".").map(Number)));
  return [hex, `0000000000000000ffff0000${hex}`];
}

/** The user whose socket in a table is bound to an address and connected to `port`. */
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
    // Once its process has closed a socket (inode 0), the kernel reports root, whoever opened it.
    if (Number(inode) > 0) return Number(uid);
  }
  return undefined;
}

/**
 * The user at the other end of a TCP connection within this machine; `undefined` if that end isn't
 * found. `address` and `own` are the other end's address and port; `port` is ours.
 */
export function peerUser(address: string, own: number, port: number): number | undefined {
  for (let i = 0; i < TRIES; i++) {
    for (const path of TABLES) {
      const table = unless(["ENOENT", "EACCES"], () => readFileSync(path, "latin1"));
      const uid = table && findUser(table, address, own, port);
      if (uid !== undefined && uid !== "") return uid;
    }
  }
  return undefined;
}
