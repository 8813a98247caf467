import { SystemError } from "../errno.ts";
import type { Probe } from "../types.ts";
import { parseAddress6 } from "./address.ts";
import { errnoCode, libc } from "./libc.ts";

const darwin = process.platform === "darwin";
const AF_INET = 2;
const AF_INET6 = darwin ? 30 : 10;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = darwin ? 0 : 0o2000000;
const SOL_SOCKET = darwin ? 0xffff : 1;
const SO_REUSEADDR = darwin ? 4 : 2;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = darwin ? 27 : 26;
const ON = Uint32Array.of(1);

/** Errors for an address that the machine doesn't have. A machine without IPv6 is fine. */
const NO_ADDRESS = ["EADDRNOTAVAIL", "EAFNOSUPPORT"];

/** 0.0.0.0, ::, 127.0.0.1 and ::1. */
const EVERYWHERE = [
  new Uint8Array(4),
  new Uint8Array(16),
  Uint8Array.of(127, 0, 0, 1),
  Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
];

/** A struct sockaddr_in for a 4-byte address, or sockaddr_in6 for a 16-byte one. */
function sockaddr(port: number, address: Uint8Array): Uint8Array {
  const isV4 = address.length === 4;
  const family = isV4 ? AF_INET : AF_INET6;
  const bytes = new Uint8Array(isV4 ? 16 : 28);
  // BSD's sockaddr starts with its length, Linux's with a 16-bit family.
  bytes[0] = darwin ? bytes.length : family;
  bytes[1] = darwin ? family : 0;
  bytes[2] = port >> 8;
  bytes[3] = port & 0xff;
  bytes.set(address, isV4 ? 4 : 8);
  return bytes;
}

function bindOnce(port: number, address: Uint8Array): Probe {
  const isV6 = address.length > 4;
  const socket = libc().socket(isV6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    const code = errnoCode();
    if (isV6 && NO_ADDRESS.includes(code)) return "free";
    throw new SystemError(code, "socket");
  }
  try {
    libc().setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, ON, 4);
    if (isV6) libc().setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, ON, 4);
    const name = sockaddr(port, address);
    if (libc().bind(socket, name, name.length) === 0) return "free";
    const code = errnoCode();
    if (code === "EACCES") return "denied";
    return NO_ADDRESS.includes(code) && isV6 ? "free" : "used";
  } finally {
    libc().close(socket);
  }
}

// With SO_REUSEADDR, macOS lets a wildcard and a specific address coexist, so try each address.
function ownAddresses(): Uint8Array[] {
  const { networkInterfaces } = process.getBuiltinModule("node:os");
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ address }) => !address.startsWith("fe80:"))
    .map(({ family, address }) =>
      family === "IPv4" ? Uint8Array.from(address.split(".").map(Number)) : parseAddress6(address),
    );
}

/**
 * Whether a server could bind the port on every address of this machine. Binds 127.0.0.1, ::1 and
 * both wildcards for a moment, without listening, and with SO_REUSEADDR so that TIME_WAIT counts as
 * free. An unknown error counts as used.
 */
export function probe(port: number): Probe {
  const found = bindAll(port, EVERYWHERE);
  return found === "free" && darwin ? bindAll(port, ownAddresses()) : found;
}

function bindAll(port: number, addresses: readonly Uint8Array[]): Probe {
  for (const address of addresses) {
    const found = bindOnce(port, address);
    if (found !== "free") return found;
  }
  return "free";
}
