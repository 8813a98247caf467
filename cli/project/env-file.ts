import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { unless } from "../../native/errno.ts";
import { UsageError } from "../exit.ts";

const START = '# >>> portclaim: written by "portclaim env --write"; do not edit this block >>>\n';
const END = "# <<< portclaim <<<\n";
/** Bytes. */
const LARGEST = 1024 * 1024;
const FOR_EVERYONE = 0o644;

/** A .env file in a checkout, in which portclaim only writes a marked block. */
export class EnvFile {
  private constructor(readonly path: string) {}

  /**
   * Checks where the file is. Throws a UsageError if it isn't in the checkout, by the real path of its
   * directory, or isn't a regular file.
   */
  static at(cwd: string, file: string, root: string): EnvFile {
    const given = resolve(cwd, file);
    const parent = unless(["ENOENT", "ENOTDIR"], () => realpathSync(dirname(given)));
    if (parent === undefined) throw new UsageError(`no such directory: ${dirname(given)}`);
    const inside = realpathSync(root);
    if (parent !== inside && !parent.startsWith(`${inside}/`)) {
      throw new UsageError(
        `${file} is outside of the checkout ${inside}`,
        "name a file in the checkout, such as .env.local",
      );
    }
    const path = join(parent, basename(given));
    const stat = unless(["ENOENT"], () => lstatSync(path));
    if (stat?.isSymbolicLink()) throw new UsageError(`${file} is a symbolic link`);
    if (stat && !stat.isFile()) throw new UsageError(`${file} is not a file`);
    return new EnvFile(path);
  }

  /** Whether the file's block already has this text; "" is no block. */
  has(block: string): boolean {
    const now = this.read();
    return replaceBlock(now, block, this.path) === now;
  }

  /** Replaces the block atomically and keeps everything else byte for byte. "" removes it. */
  write(block: string): void {
    const before = this.read();
    const after = replaceBlock(before, block, this.path);
    if (after === before) return;
    if (after === "") rmSync(this.path, { force: true });
    else this.replace(after);
  }

  /** The text, with each byte as a character. */
  private read(): string {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const descriptor = unless(["ENOENT"], () => openSync(this.path, flags));
    if (descriptor === undefined) return "";
    try {
      const stat = fstatSync(descriptor);
      if (!stat.isFile()) throw new UsageError(`${this.path} is not a file`);
      if (stat.size > LARGEST) throw new UsageError(`${this.path} is larger than 1 MiB`);
      return readFileSync(descriptor, "latin1");
    } finally {
      closeSync(descriptor);
    }
  }

  private replace(text: string): void {
    const before = unless(["ENOENT"], () => lstatSync(this.path));
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      const descriptor = openSync(temporary, "wx", FOR_EVERYONE);
      try {
        writeFileSync(descriptor, text, "latin1");
        if (before) {
          if (process.geteuid?.() === 0) fchownSync(descriptor, before.uid, before.gid);
          fchmodSync(descriptor, before.mode & 0o7777);
        }
      } finally {
        closeSync(descriptor);
      }
      renameSync(temporary, this.path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }
}

const START_LINE = /^# >>> portclaim\b[^\n]*\n?/gm;
const END_LINE = /^# <<< portclaim\b[^\n]*\n?/gm;

/** A text with the block in it: in place of the old one, else at its end. */
function replaceBlock(text: string, block: string, path: string): string {
  const [start, ...starts] = [...text.matchAll(START_LINE)];
  const [end, ...ends] = [...text.matchAll(END_LINE)];
  const marked = block === "" ? "" : `${START}${block}${END}`;
  if (start === undefined && end === undefined) {
    if (marked === "") return text;
    return text === "" || text.endsWith("\n") ? text + marked : `${text}\n${marked}`;
  }
  if (!start || !end || start.index > end.index || starts.length + ends.length > 0) {
    throw new UsageError(
      `${path} has more than one portclaim block, or an incomplete one`,
      "remove those blocks, then run it again",
    );
  }
  return text.slice(0, start.index) + marked + text.slice(end.index + end[0].length);
}
