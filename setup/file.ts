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

const FOR_ITS_USER = 0o600;
const FOR_EVERYBODY = 0o644;

/** Runs a call of node:fs; what fails, fails as the system's own error. */
function system<T>(call: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new SystemError((error as { code?: string }).code ?? "EIO", call, path);
  }
}

/** A file's text; `undefined` if there is none. */
export function readText(path: string): string | undefined {
  return unless(["ENOENT"], () => system("read", path, () => readFileSync(path, "utf8")));
}

/** Replaces a file whole or not at all: its mode stays, and a symlink to it stays one. */
export function writeText(path: string, text: string, isPrivate: boolean): void {
  system("mkdir", dirname(path), () => mkdirSync(dirname(path), { recursive: true }));
  const real = unless(["ENOENT"], () => realpathSync(path)) ?? path;
  const before = unless(["ENOENT"], () => statSync(real));
  const mode = before ? before.mode & 0o7777 : isPrivate ? FOR_ITS_USER : FOR_EVERYBODY;
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
