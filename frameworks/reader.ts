import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from "node:fs";

/** Access to a project's files. Injected so that tests can fake it. */
export interface Reader {
  /** A file's text; `undefined` if it is missing, unreadable, too large or not a regular file. */
  readFile: (path: string) => string | undefined;
  /** The names in a directory; empty if it can't be read. */
  listDirectory: (path: string) => string[];
  exists: (path: string) => boolean;
  isProgram: (path: string) => boolean;
}

/** Bytes. No hand-written package.json is larger. */
const LONGEST = 1024 * 1024;

/** Reads regular files of up to 1 MiB. Never blocks on a pipe. */
export const diskReader: Reader = {
  readFile(path) {
    let file: number | undefined;
    try {
      file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      const status = fstatSync(file);
      if (!status.isFile() || status.size > LONGEST) return undefined;
      const buffer = Buffer.alloc(status.size);
      return buffer.toString("utf8", 0, readSync(file, buffer));
    } catch {
      return undefined;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  },
  listDirectory(path) {
    try {
      return readdirSync(path);
    } catch {
      return [];
    }
  },
  exists: existsSync,
  isProgram(path) {
    try {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  },
};
