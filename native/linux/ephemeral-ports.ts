import { unless } from "../errno.ts";
import { files } from "../files.ts";

const PATH = "/proc/sys/net/ipv4/ip_local_port_range";

/** The ephemeral port range, used for outgoing connections: ip_local_port_range in ip(7). */
export function readEphemeralPorts(): { first: number; last: number } | undefined {
  const text = unless(["ENOENT", "EACCES"], () => files().read(PATH, 64)) ?? "";
  const [first, last] = text.trim().split(/\s+/).map(Number);
  return first && last ? { first, last } : undefined;
}
