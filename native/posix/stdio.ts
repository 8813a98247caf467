import { SystemError } from "../errno.ts";
import { writeFully } from "../linux/files.ts";
import { isDarwin } from "../system.ts";
import { hasLibc, libc, coldLibc } from "./libc.ts";

const NAMES = { 1: "to stdout", 2: "to stderr" };

/**
 * Writes all of a text to descriptor 1 or 2, or throws a SystemError (EPIPE, ENOSPC, …). console.log and
 * process.stdout lose text without an error. startup: the first use of process.stdout takes 20 ms.
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

export function isTerminal(descriptor: 0 | 1 | 2): boolean {
  if (hasLibc()) return libc().isatty(descriptor) === 1;
  return process.getBuiltinModule("node:tty").isatty(descriptor);
}

/** TIOCGWINSZ of ioctl_tty(2), the same on x64 and arm64. */
const GET_WINDOW_SIZE = 0x5413;

/** How many columns a terminal has; `undefined` if it doesn't tell. */
export function terminalColumns(descriptor: 1 | 2): number | undefined {
  if (isDarwin || !hasLibc()) {
    const { WriteStream } = process.getBuiltinModule("node:tty");
    return new WriteStream(descriptor).columns || undefined;
  }
  const size = new Uint16Array(4);
  const failed = coldLibc().ioctl(descriptor, GET_WINDOW_SIZE, new Uint8Array(size.buffer)) < 0;
  return failed ? undefined : size[1] || undefined;
}

// POLLERR, POLLHUP and POLLNVAL of poll(2): the other end of a pipe or socket is closed.
const GONE = 0x08 | 0x10 | 0x20;

/** Whether what is written still has a reader, by poll(2), without writing. */
export function hasReader(descriptor: 1 | 2): boolean {
  if (!hasLibc()) return true;
  const view = new DataView(new ArrayBuffer(8));
  view.setInt32(0, descriptor, true);
  coldLibc().poll(new Uint8Array(view.buffer), 1, 0);
  return (view.getInt16(6, true) & GONE) === 0;
}
