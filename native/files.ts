import { byLibc } from "./linux/files.ts";
import { filesByNode } from "./posix/files-node.ts";
import { hasLibc } from "./posix/libc.ts";
import { isDarwin } from "./system.ts";
import type { Files } from "./types.ts";

let chosen: Files | undefined;

/** The file system: libc on Linux; node:fs on macOS and where bun:ffi is unavailable. */
export function files(): Files {
  return (chosen ??= !isDarwin && hasLibc() ? byLibc : filesByNode());
}
