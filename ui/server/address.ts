import { networkInterfaces } from "node:os";

/** An address as it is compared: IPv4 that an IPv6 socket sees is IPv4, and there is no zone. */
export function plainAddress(address: string): string {
  return address
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, "")
    .replace(/%.*$/, "");
}

/** Whether an address, or the name of a host, is this machine's loopback. */
export function isLoopback(host: string): boolean {
  const plain = plainAddress(host);
  return plain === "localhost" || plain === "::1" || /^127(\.\d{1,3}){3}$/.test(plain);
}

/** Every address of this machine. */
export function ownAddresses(): Set<string> {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return new Set(all.map(({ address }) => plainAddress(address)));
}

/** The name or address in a Host header, whatever the port; `undefined` if it is no such header. */
export function hostOf(header: string | null): string | undefined {
  const [, six, name] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(header ?? "") ?? [];
  return (six ?? name)?.toLowerCase();
}

/** An address as a URL has it. */
export function urlOf(address: string, port: number): string {
  return `http://${address.includes(":") ? `[${address}]` : address}:${port}/`;
}
