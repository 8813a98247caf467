import { SystemError } from "../../native/errno.ts";
import { isTerminal, terminalColumns, writeText } from "../../native/posix/stdio.ts";
import { printable } from "./printable.ts";

/** A command's output: data goes to stdout, messages to stderr. */
export interface Io {
  env: Record<string, string | undefined>;
  /** The caller's directory. Throws if it no longer exists. */
  cwd(): string;
  /** Whether this command prints JSON. */
  readonly json: boolean;
  /** Whether JSON was asked for with --json. */
  readonly asksJson: boolean;
  /** Whether a table may use colors. */
  readonly color: boolean;
  /** Whether a person reads the messages: stderr is a terminal. */
  readonly isWatched: boolean;
  /** How wide a table may be: the terminal's columns, Infinity where there is no terminal. */
  readonly width: number;
  /** Writes data. Throws a SystemError if it can't be written. */
  print(text: string): void;
  /** Writes a message to stderr. */
  say(text: string): void;
}

export interface Streams {
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  readonly columns: number | undefined;
  write(descriptor: 1 | 2, text: string): void;
}

/** This process's own. Whether they are terminals is only checked when it matters. */
export const standardStreams: Streams = {
  get stdoutIsTerminal() {
    return isTerminal(1);
  },
  get stderrIsTerminal() {
    return isTerminal(2);
  },
  get columns() {
    return terminalColumns(1);
  },
  write: writeText,
};

export function makeIo(env: Io["env"], streams: Streams, asksJson: boolean, json: boolean): Io {
  return {
    env,
    cwd: currentDirectory,
    json,
    asksJson,
    get color() {
      return hasColor(env, streams);
    },
    get isWatched() {
      return streams.stderrIsTerminal;
    },
    get width() {
      return (streams.stdoutIsTerminal ? streams.columns : undefined) ?? Infinity;
    },
    print: (text) => streams.write(1, text),
    say(text) {
      try {
        streams.write(2, `portclaim: ${printable(text)}\n`);
      } catch {
        // Without a reader, there is no reason to fail.
      }
    },
  };
}

/** Whether stdout gets colors: NO_COLOR forbids them, FORCE_COLOR and CLICOLOR_FORCE ask for them. */
export function hasColor(env: Io["env"], streams: Streams): boolean {
  if (env["NO_COLOR"] || ["0", "false"].includes(env["FORCE_COLOR"] ?? "")) return false;
  if (env["FORCE_COLOR"] !== undefined || isSet(env["CLICOLOR_FORCE"])) return true;
  return isSet(env["TERM"]) && env["TERM"] !== "dumb" && streams.stdoutIsTerminal;
}

const isSet = (value: string | undefined) => !["", "0", undefined].includes(value);

function currentDirectory(): string {
  try {
    return process.cwd();
  } catch {
    throw new SystemError("ENOENT", "use the current directory");
  }
}

export function printJson(io: Io, value: unknown): void {
  io.print(`${JSON.stringify(value, null, 2)}\n`);
}
