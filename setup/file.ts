import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { SystemError, unless } from "../native/errno.ts";
import { Malformed } from "./format.ts";

const FOR_ITS_USER = 0o600;
const FOR_EVERYONE = 0o644;

/** Runs a call of node:fs. Its errors become SystemErrors. */
function system<T>(call: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new SystemError((error as { code?: string }).code ?? "EIO", call, path);
  }
}

/** A file's text, `undefined` if it doesn't exist. Throws Malformed or a SystemError. */
export function readText(path: string): string | undefined {
  const bytes = unless(["ENOENT"], () => system("read", path, () => readFileSync(path)));
  try {
    return bytes && new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Writing invalid UTF-8 back would change it.
    throw new Malformed("invalid UTF-8");
  }
}

/** Replaces a file atomically. Keeps its mode, and a symlink to it. */
export function writeText(path: string, text: string, isPrivate: boolean): void {
  system("mkdir", dirname(path), () => mkdirSync(dirname(path), { recursive: true }));
  const real = unless(["ENOENT"], () => realpathSync(path)) ?? path;
  const before = unless(["ENOENT"], () => statSync(real));
  const mode = before ? before.mode & 0o7777 : isPrivate ? FOR_ITS_USER : FOR_EVERYONE;
  const temporary = `${real}.${process.pid}.tmp`;
  system("write", real, () => {
    try {
      create(temporary, text, mode);
      renameSync(temporary, real);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
}

function create(path: string, text: string, mode: number): void {
  const descriptor = openSync(path, "wx", mode);
  try {
    fchmodSync(descriptor, mode);
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export function removeFile(path: string): void {
  system("unlink", path, () => rmSync(path));
}
