import { networkInterfaces } from "node:os";

/** An address for comparison: an IPv4-mapped IPv6 address becomes IPv4, and a zone is dropped. */
export function plainAddress(address: string): string {
  return address
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, "")
    .replace(/%.*$/, "");
}

/** Whether an address or host name is loopback. */
export function isLoopback(host: string): boolean {
  const plain = plainAddress(host);
  return plain === "localhost" || plain === "::1" || /^127(\.\d{1,3}){3}$/.test(plain);
}

/** Every address of this machine. */
export function ownAddresses(): Set<string> {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return new Set(all.map(({ address }) => plainAddress(address)));
}

/** The name or address in a Host header, without the port; `undefined` if the header is malformed. */
export function hostOf(header: string | null): string | undefined {
  const [, six, name] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(header ?? "") ?? [];
  const isValid = URL.canParse(`http://${header}/`);
  return isValid ? (six ?? name)?.toLowerCase() : undefined;
}

export function urlOf(address: string, port: number): string {
  return `http://${address.includes(":") ? `[${address}]` : address}:${port}/`;
}
