import { SystemError } from "../errno.ts";
import { writeFully } from "../linux/files.ts";
import { hasLibc, libc, coldLibc } from "./libc.ts";

const NAMES = { 1: "to stdout", 2: "to stderr" };

/**
 * Writes a whole text to descriptor 1 or 2, or throws a SystemError (EPIPE, ENOSPC, …). console.log
 * and process.stdout don't report lost output, and process.stdout costs 20 ms on first use.
 */
export function writeText(descriptor: 1 | 2, text: string): void {
  if (hasLibc()) writeFully(descriptor, text, NAMES[descriptor]);
  else writeByNode(descriptor, text);
}

function writeByNode(descriptor: 1 | 2, text: string): void {
  const bytes = new TextEncoder().encode(text);
  const { writeSync } = process.getBuiltinModule("node:fs");
  for (let done = 0; done < bytes.length;) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      const { code = "EIO" } = error as { code?: string };
      if (code !== "EAGAIN") throw new SystemError(code, "write", NAMES[descriptor]);
      Bun.sleepSync(1);
    }
  }
}

/** Whether a descriptor is a terminal. */
export function isTerminal(descriptor: 0 | 1 | 2): boolean {
  if (hasLibc()) return libc().isatty(descriptor) === 1;
  return process.getBuiltinModule("node:tty").isatty(descriptor);
}

// poll.h: the events that poll(2) reports when the other end of a pipe or socket is closed.
const GONE = 0x08 | 0x10 | 0x20;

/** Whether a descriptor still has a reader, according to poll(2). */
export function hasReader(descriptor: 1 | 2): boolean {
  if (!hasLibc()) return true;
  const view = new DataView(new ArrayBuffer(8));
  view.setInt32(0, descriptor, true);
  coldLibc().poll(new Uint8Array(view.buffer), 1, 0);
  return (view.getInt16(6, true) & GONE) === 0;
}
