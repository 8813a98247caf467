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

/** What is read of a project's files; tests play it. */
export interface Reader {
  /** A text file; `undefined` if there is none, or none that is sensible to read. */
  readFile: (path: string) => string | undefined;
  /** The names in a directory; none if it can't be read. */
  listDirectory: (path: string) => string[];
  exists: (path: string) => boolean;
  isProgram: (path: string) => boolean;
}

/** No package.json that people write is longer. */
const LONGEST = 1024 * 1024;

/** Reads regular files of at most 1 MiB, and never waits for a pipe. */
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
