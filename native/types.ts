/** A process as it was when it was read. */
export interface Process {
  pid: number;
  parent: number;
  /** Process group. */
  group: number;
  /** When it started: clock ticks since boot on Linux, seconds since 1970 on macOS. */
  start: number;
  /** Whether it has exited: a zombie. */
  ended: boolean;
  /** Forked and hasn't called exec since: PF_FORKNOEXEC of proc_pid_stat(5). Always false on macOS. */
  forked: boolean;
  /** The name of its program, as the kernel knows it. */
  name: string;
  /** Whether it has a controlling terminal. */
  hasTerminal: boolean;
  /** Stopped by a signal, as by Ctrl-Z. */
  suspended: boolean;
}

/** The exact bytes that a process was started with. */
export interface Words {
  arguments: Uint8Array[];
  /** Entries NAME=value. */
  environment: Uint8Array[];
}

/** A listening TCP socket of this network namespace. */
export interface Listener {
  port: number;
  /** The address it is bound to: "127.0.0.1", "::", … */
  address: string;
  /** The user that opened it. */
  uid: number;
  /** Its inode on Linux, by which `socketOwners` finds pids; 0 on macOS, where `pid` is known. */
  inode: number;
  pid?: number;
}

/** Whether a port could be bound. "denied": this user may not bind it, whether free or used. */
export type Probe = "free" | "used" | "denied";

/** What a path or an open file is. Symlinks are not followed. */
export interface Stat {
  kind: "file" | "directory" | "symlink" | "other";
  /** Permission bits: 0o700, for example. */
  mode: number;
  uid: number;
  gid: number;
  size: number;
  links: number;
  /** Seconds since 1970. */
  mtime: number;
  /** Device and inode: equal for two paths only if they are the same file. */
  id: string;
}

/** The file operations of a registry. They throw SystemErrors with errno's name as the code. */
export interface Files {
  /** At most `limit` bytes of a file as text. Throws ELOOP for a symlink, unless told to `follow`. */
  read(path: string, limit: number, follow?: boolean): string;
  /** The same, but `undefined` if there is no such file. */
  readIfThere(path: string, limit: number, follow?: boolean): string | undefined;
  list(directory: string): string[];
  /** Creates a file (mode 0600) that must not exist yet and writes all of it; `sync` adds fsync. */
  create(path: string, text: string, sync: boolean): void;
  /** Writes a file in place, or creates it (mode 0600). A crash may leave it half written. */
  overwrite(path: string, text: string): void;
  /** Adds a text to the end of a file, or creates it (mode 0600). Returns the file's new size in bytes. */
  append(path: string, text: string): number;
  rename(from: string, to: string): void;
  remove(path: string): void;
  makeDirectory(path: string): void;
  stat(path: string): Stat;
  /** The same, but `undefined` for what doesn't exist or may not be seen: {@link isInvisible}. */
  statIfVisible(path: string): Stat | undefined;
  readLink(path: string): string;
  /** The same, but `undefined` for what doesn't exist or may not be seen. */
  readLinkIfVisible(path: string): string | undefined;
  /** Makes a directory accessible to its owner only (mode 0700). */
  protect(path: string): void;
  /** Opens a lock file, or creates it (mode 0600). Throws ELOOP for a symlink. */
  open(path: string): number;
  statOpen(descriptor: number): Stat;
  close(descriptor: number): void;
}
