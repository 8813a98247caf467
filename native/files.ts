import { byLibc } from "./linux/files.ts";
import { filesByNode } from "./posix/files-node.ts";
import { hasLibc } from "./posix/libc.ts";
import { isDarwin } from "./system.ts";
import type { Files } from "./types.ts";

let chosen: Files | undefined;

/** The file system: through libc on Linux, through node:fs on macOS and where libc can't be called. */
export function files(): Files {
  return (chosen ??= !isDarwin && hasLibc() ? byLibc : filesByNode());
}
