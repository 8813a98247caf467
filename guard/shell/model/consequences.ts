/** A test of a process's name or command line, as `pgrep` and `grep` make it. */
export interface Test {
  pattern: RegExp;
  /** The pattern must not match: `grep -v`. */
  not?: boolean;
}

/** Which processes a command would end. */
export type Target =
  | { kind: "pid"; pid: number }
  | { kind: "group"; group: number }
  /** Listeners on a TCP port; `clients`: and the processes connected to it. */
  | { kind: "port"; port: number; clients: boolean }
  | Matching
  /** Every process of a user. */
  | { kind: "user"; user: string }
  /** Every process that may be signalled: `kill -9 -1`. */
  | { kind: "all" }
  /** Processes that work in a directory: `fuser -k .` */
  | { kind: "directory"; path: string }
  /** Those in all of these sets: `lsof -a`. */
  | { kind: "every"; of: Target[] };

/** Processes by name or command line. */
export interface Matching {
  kind: "match";
  /**
   * The name of up to 15 bytes, the arguments, the name as killall compares it, the program as pidof does,
   * or what a line of output shows.
   */
  by:
    | "name"
    | "arguments"
    | "full name"
    | "program"
    | "id"
    | "id and name"
    | "id and short name"
    | "id and arguments"
    | "user, id and arguments";
  tests: Test[];
  user?: string;
  parents?: number[];
  groups?: number[];
  only?: "newest" | "oldest";
}

/** That at least one of some processes is there, or that none is. */
export interface Condition {
  targets: Target[];
  there: boolean;
}

/** What one command of a line would end. */
export interface End {
  target: Target;
  /** Only some of the processes, as after `head -1`: which ones is unknown. */
  some: boolean;
  /** It is reached only where all of these hold. */
  where: readonly Condition[];
  /** The program that ends them: "pkill". */
  by: string;
}

/** A `portclaim stop` or `release` that overrides the ownership of a claim. */
export interface Forced {
  command: "stop" | "release";
  port?: number;
  service?: string;
  project?: string;
}

/** What a command line would end, as far as its text tells. */
export interface Consequences {
  ends: End[];
  forced: Forced[];
}
