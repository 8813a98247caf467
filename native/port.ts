import { parseAddress6 } from "./address.ts";
import { SystemError, unless } from "./errno.ts";
import type { Probe } from "./facts.ts";
import { files } from "./files.ts";
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
const ON = new Uint8Array(Int32Array.of(1).buffer);

/** Codes that mean "this machine has no such address": no IPv6 is not an error. */
const NO_ADDRESS = ["EADDRNOTAVAIL", "EAFNOSUPPORT"];

function sockaddr(family: number, port: number, address: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(family === AF_INET ? 16 : 28);
  const view = new DataView(bytes.buffer);
  // BSD's sockaddr begins with its length, Linux's with a 16-bit family.
  if (darwin) bytes.set([bytes.length, family]);
  else view.setUint16(0, family, true);
  view.setUint16(2, port);
  bytes.set(address, family === AF_INET ? 4 : 8);
  return bytes;
}

const V4_LOOPBACK = Uint8Array.of(127, 0, 0, 1);
const V4_ANY = new Uint8Array(4);
const V6_ANY = new Uint8Array(16);
const V6_LOOPBACK = new Uint8Array(16).fill(1, 15);

function bindOnce(family: number, port: number, address: Uint8Array): Probe {
  const socket = libc().socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    const code = errnoCode();
    if (family === AF_INET6 && NO_ADDRESS.includes(code)) return "free";
    throw new SystemError(code, "socket");
  }
  try {
    libc().setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, ON, 4);
    if (family === AF_INET6) libc().setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, ON, 4);
    const name = sockaddr(family, port, address);
    if (libc().bind(socket, name, name.length) === 0) return "free";
    const code = errnoCode();
    if (code === "EACCES") return "denied";
    return NO_ADDRESS.includes(code) && family === AF_INET6 ? "free" : "used";
  } finally {
    libc().close(socket);
  }
}

// With SO_REUSEADDR macOS lets a wildcard and one address coexist, so each must be tried.
function ownAddresses(): [number, Uint8Array][] {
  const { networkInterfaces } = require("node:os") as typeof import("node:os");
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ address }) => !address.startsWith("fe80:"))
    .map(({ family, address }) =>
      family === "IPv4"
        ? [AF_INET, Uint8Array.from(address.split(".").map(Number))]
        : [AF_INET6, parseAddress6(address)],
    );
}

/** The ports of outgoing connections: ip_local_port_range of ip(7), or macOS's sysctl. */
export function readEphemeralPorts(): { first: number; last: number } | undefined {
  const text = darwin
    ? Bun.spawnSync(["sysctl", "-n", "net.inet.ip.portrange.first", "net.inet.ip.portrange.last"], {
        stderr: "ignore",
      }).stdout.toString()
    : unless(["ENOENT", "EACCES"], () =>
        files().read("/proc/sys/net/ipv4/ip_local_port_range", 64),
      );
  const [first, last] = (text ?? "").trim().split(/\s+/).map(Number);
  return first && last ? { first, last } : undefined;
}

/**
 * Whether a server could bind the port on every address of this machine: binds 127.0.0.1, ::1 and
 * both wildcards, never listens. SO_REUSEADDR, so that TIME_WAIT is free. What can't be named
 * counts as used.
 */
export function probe(port: number): Probe {
  const addresses: [number, Uint8Array][] = [
    [AF_INET, V4_ANY],
    [AF_INET6, V6_ANY],
    [AF_INET, V4_LOOPBACK],
    [AF_INET6, V6_LOOPBACK],
    ...(darwin ? ownAddresses() : []),
  ];
  for (const [family, address] of addresses) {
    const found = bindOnce(family, port, address);
    if (found !== "free") return found;
  }
  return "free";
}
