import { SystemError } from "./errno.ts";
import { O_CLOEXEC, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, SYS_OPENAT } from "./fcntl.ts";
import { addressOf, checked, errnoCode, libc, whole } from "./libc.ts";
import type { Files, Found } from "./types.ts";

/** A file shorter than this comes at once; a longer one is read by itself. */
const SHORT = 1024;
const ROOM = 64 * 1024;

/** From so many files on, what {@link Folder.together} saves is more than what loading it costs. */
const MANY = 32;

type Read = Files["readFolder"];

/** A folder's files, one after the other. */
export const oneByOne = (files: Files): Read =>
  function readFolder(directory, suffix, limit) {
    return new Folder(files, directory, suffix, limit).oneByOne(files.list(directory));
  };

/**
 * A folder's files by libc. Many are looked up from the open folder, read into one buffer and
 * decoded together, which takes two thirds of the time of {@link oneByOne}.
 */
export const together = (files: Files): Read =>
  function readFolder(directory, suffix, limit) {
    const names = files.list(directory);
    const folder = new Folder(files, directory, suffix, limit);
    if (names.length < MANY || limit < SHORT) return folder.oneByOne(names);
    try {
      return folder.together(names);
    } catch (error) {
      // It needs two descriptors at once; where only one is left, that must do.
      if ((error as { code?: string }).code !== "EMFILE") throw error;
      return folder.oneByOne(names);
    }
  };

class Folder {
  constructor(
    private readonly files: Files,
    private readonly directory: string,
    private readonly suffix: string,
    private readonly limit: number,
  ) {}

  oneByOne(names: readonly string[]): Found[] {
    const found: Found[] = [];
    for (const name of names) {
      if (name.endsWith(this.suffix)) this.readOne(name, found);
      else found.push({ name });
    }
    return found;
  }

  private readOne(name: string, into: Found[]): void {
    try {
      into.push({ name, text: this.files.read(`${this.directory}/${name}`, this.limit) });
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (error.code !== "ENOENT") into.push({ name, error });
    }
  }

  together(names: readonly string[]): Found[] {
    const flags = O_DIRECTORY | O_NONBLOCK | O_CLOEXEC;
    const { directory } = this;
    const descriptor = checked(libc().open(whole(directory), flags, 0), "open", directory);
    try {
      return this.readFrom(descriptor, names);
    } finally {
      libc().close(descriptor);
    }
  }

  private readFrom(folder: number, names: readonly string[]): Found[] {
    const { close, read, syscall } = libc();
    const { suffix } = this;
    const flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    const bytes = new Uint8Array(ROOM);
    const address = addressOf(bytes);
    const found: Found[] = [];
    const waiting: Found[] = [];
    const ends: number[] = [];
    let size = 0;
    for (const name of names) {
      if (!name.endsWith(suffix)) {
        found.push({ name });
        continue;
      }
      const file = syscall(SYS_OPENAT, folder, name, flags, 0, null);
      if (file < 0) {
        const code = errnoCode();
        if (code === "EMFILE") throw new SystemError(code, "open", name);
        if (code !== "ENOENT") this.readOne(name, found);
        continue;
      }
      if (ROOM - size < SHORT) {
        decode(bytes, ends, waiting);
        size = 0;
      }
      const count = read(file, address + size, SHORT);
      close(file);
      if (count < 0 || count === SHORT) this.readOne(name, found);
      else {
        const one = { name, text: "" };
        found.push(one);
        waiting.push(one);
        ends.push((size += count));
      }
    }
    decode(bytes, ends, waiting);
    return found;
  }
}

/** Gives those that wait their texts: where each ends in `bytes` stands in `ends`. Empties both. */
function decode(bytes: Uint8Array, ends: number[], waiting: Found[]): void {
  const size = ends[ends.length - 1] ?? 0;
  const decoder = new TextDecoder();
  const all = decoder.decode(bytes.subarray(0, size));
  // Anything but ASCII has fewer characters than bytes, or a character for each byte.
  const isAligned = all.length === size;
  let start = 0;
  for (let i = 0; i < waiting.length; i++) {
    const end = ends[i] ?? 0;
    const text = isAligned ? all.slice(start, end) : decoder.decode(bytes.subarray(start, end));
    (waiting[i] as Found).text = text;
    start = end;
  }
  waiting.length = ends.length = 0;
}
