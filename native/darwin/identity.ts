import { coldLibc, hasLibc } from "../posix/libc.ts";

function sysctl(name: string): string | null {
  if (!hasLibc()) return null;
  const value = new Uint8Array(128);
  const size = BigUint64Array.of(BigInt(value.length));
  if (coldLibc().sysctlbyname(name, value, size, null, 0) !== 0) return null;
  return new TextDecoder().decode(value).split("\0")[0] || null;
}

/** This installation of the system: sysctl kern.uuid. Host names change too easily. */
export const readHost = () => sysctl("kern.uuid");

/** This boot: sysctl kern.bootsessionuuid. */
export const readBoot = () => sysctl("kern.bootsessionuuid");
