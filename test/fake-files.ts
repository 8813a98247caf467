import { type ErrnoName, SystemError, unless } from "../native/errno.ts";
import type { Files, Stat } from "../native/types.ts";

interface Node {
  kind: Stat["kind"];
  text: string;
  mode: number;
  uid: number;
  mtime: number;
  id: number;
}

/** Files in memory: created in an instant, and owned by any user that the test wants. */
export class MemoryFiles implements Files {
  readonly nodes = new Map<string, Node>();
  uid = 1000;
  /** Seconds since 1970 that new files get. */
  now = 1_700_000_000;
  #ids = 1;
  readonly #open = new Map<number, string>();

  constructor() {
    this.#add("/", "directory");
  }

  /** Puts a file there, with the folders that lead to it. */
  put(path: string, text: string, kind: Stat["kind"] = "file"): void {
    for (let at = path.indexOf("/", 1); at > 0; at = path.indexOf("/", at + 1)) {
      if (!this.nodes.has(path.slice(0, at))) this.#add(path.slice(0, at), "directory");
    }
    this.#add(path, kind).text = text;
  }

  read(path: string, limit: number): string {
    const node = this.#get(path, "read");
    if (node.kind === "symlink") throw new SystemError("ELOOP", "open", path);
    if (node.kind === "directory") throw new SystemError("EISDIR", "read", path);
    return node.text.slice(0, limit);
  }

  readIfThere(path: string, limit: number): string | undefined {
    return this.nodes.has(path) ? this.read(path, limit) : undefined;
  }

  list(directory: string): string[] {
    if (this.#get(directory, "open").kind !== "directory") {
      throw new SystemError("ENOTDIR", "open", directory);
    }
    const within = directory === "/" ? "/" : `${directory}/`;
    return [...this.nodes.keys()]
      .filter((path) => path.length > within.length && path.startsWith(within))
      .map((path) => path.slice(within.length))
      .filter((name) => !name.includes("/"));
  }

  create(path: string, text: string): void {
    this.#parent(path, "open");
    if (this.nodes.has(path)) throw new SystemError("EEXIST", "open", path);
    this.#add(path, "file").text = text;
  }

  overwrite(path: string, text: string): void {
    this.#parent(path, "open");
    const node = this.nodes.get(path) ?? this.#add(path, "file");
    if (node.kind === "symlink") throw new SystemError("ELOOP", "open", path);
    if (node.kind === "directory") throw new SystemError("EISDIR", "open", path);
    node.text = text;
  }

  append(path: string, text: string): number {
    this.overwrite(path, (this.nodes.get(path)?.text ?? "") + text);
    return this.stat(path).size;
  }

  rename(from: string, to: string): void {
    this.nodes.set(to, this.#get(from, "rename"));
    this.nodes.delete(from);
  }

  remove(path: string): void {
    if (this.#get(path, "unlink").kind === "directory") {
      throw new SystemError("EISDIR", "unlink", path);
    }
    this.nodes.delete(path);
  }

  makeDirectory(path: string): void {
    this.#parent(path, "mkdir");
    if (this.nodes.has(path)) throw new SystemError("EEXIST", "mkdir", path);
    this.#add(path, "directory");
  }

  stat(path: string): Stat {
    const { kind, mode, uid, text, mtime, id } = this.#get(path.replace(/\/\.$/, ""), "stat");
    return { kind, mode, uid, gid: uid, size: text.length, links: 1, mtime, id: `0:1:${id}` };
  }

  statIfVisible(path: string): Stat | undefined {
    return unless(["ENOENT"], () => this.stat(path));
  }

  readLinkIfVisible(path: string): string | undefined {
    return unless(["ENOENT"], () => this.readLink(path));
  }

  readLink(path: string): string {
    const node = this.#get(path, "readlink");
    if (node.kind !== "symlink") throw new SystemError("EINVAL", "readlink", path);
    return node.text;
  }

  protect(path: string): void {
    this.#get(path, "chmod").mode = 0o700;
  }

  open(path: string): number {
    if (!this.nodes.has(path)) this.create(path, "");
    const descriptor = 3 + this.#open.size;
    this.#open.set(descriptor, path);
    return descriptor;
  }

  statOpen(descriptor: number): Stat {
    return this.stat(this.#open.get(descriptor) ?? "");
  }

  close(descriptor: number): void {
    this.#open.delete(descriptor);
  }

  #add(path: string, kind: Stat["kind"]): Node {
    const mode = kind === "directory" ? 0o700 : 0o600;
    const node: Node = { kind, text: "", mode, uid: this.uid, mtime: this.now, id: this.#ids++ };
    this.nodes.set(path, node);
    return node;
  }

  #get(path: string, call: string): Node {
    const node = this.nodes.get(path);
    if (node === undefined) throw new SystemError("ENOENT", call, path);
    return node;
  }

  #parent(path: string, call: string): void {
    const parent = path.slice(0, path.lastIndexOf("/")) || "/";
    if (!this.nodes.has(parent)) throw new SystemError("ENOENT", call, path);
  }
}

type Call = keyof Files;

interface Fault {
  call: Call;
  path: string;
  code: ErrnoName;
}

/** Both ways of asking are one call to the system. */
const alias = (name: Call): Call => name.replace(/If(There|Visible)$/, "") as Call;

/** Wraps files, so that calls fail when the test says so. */
export class FaultyFiles {
  readonly #faults: Fault[] = [];
  /** The same files, to hand to a machine. */
  readonly files: Files;

  constructor(inner: Files) {
    this.files = new Proxy(inner, {
      get:
        (target, name: Call) =>
        (...args: unknown[]) => {
          const at = this.#faults.findIndex(
            ({ call, path }) => call === alias(name) && String(args[0]).includes(path),
          );
          const [fault] = at < 0 ? [] : this.#faults.splice(at, 1);
          const isHidden =
            name.endsWith("IfVisible") && ["ENOENT", "EACCES"].includes(fault?.code ?? "");
          if (fault && isHidden) return undefined;
          if (fault) throw new SystemError(fault.code, name, String(args[0]));
          return (target[name] as (...all: unknown[]) => unknown).apply(target, args);
        },
    });
  }

  /** The next `times` calls of that name whose path contains `path` fail with `code`. */
  fail(call: Call, path: string, code: ErrnoName, times = 1): void {
    for (let i = 0; i < times; i++) this.#faults.push({ call, path, code });
  }

  /** Faults that have not happened. */
  get pending(): number {
    return this.#faults.length;
  }
}
