import { unless } from "../errno.ts";
import { hasLibc, libc, whole } from "../posix/libc.ts";

/** File systems on which flock(2) may hang or not exclude other hosts, by statfs(2) magic number. */
const network = (): Record<number, string> => ({
  0x6969: "NFS",
  0x517b: "SMB",
  0xfe534d42: "SMB",
  0xff534d42: "CIFS",
  0x01021997: "9P",
  0x5346414f: "AFS",
  0x6b414653: "AFS",
  0x73757245: "Coda",
  0x00c36400: "Ceph",
  0x0bd00bd0: "Lustre",
  0x47504653: "GPFS",
});

/** The network file system that a path is on; `undefined` for a local one. */
export function networkFileSystem(path: string): string | undefined {
  const type = magic(path);
  return type === undefined ? undefined : network()[type];
}

function magic(path: string): number | undefined {
  if (hasLibc()) {
    const words = new Uint32Array(64);
    return libc().statfs(whole(path), words) < 0 ? undefined : words[0];
  }
  const { statfsSync } = process.getBuiltinModule("node:fs");
  return unless(["ENOENT", "EACCES", "ENOSYS"], () => statfsSync(path))?.type;
}
