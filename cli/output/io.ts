import { SystemError } from "../../native/errno.ts";
import { isTerminal, writeText } from "../../native/posix/stdio.ts";
import { printable } from "./table.ts";

/** A command's output: data goes to stdout, messages to stderr. */
export interface Io {
  env: Record<string, string | undefined>;
  /** The caller's directory. Throws if it no longer exists. */
  cwd(): string;
  /** Whether this command prints JSON. */
  readonly json: boolean;
  /** Whether JSON was asked for with --json. */
  readonly asksJson: boolean;
  /** Whether a table may use colours. */
  readonly color: boolean;
  /** Writes data. Throws a SystemError if it can't be written. */
  print(text: string): void;
  /** Writes a message to stderr. */
  say(text: string): void;
}

export interface Streams {
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  write(descriptor: 1 | 2, text: string): void;
}

/** This process's own. Whether they are terminals is asked only if it matters. */
export const standardStreams: Streams = {
  get stdoutIsTerminal() {
    return isTerminal(1);
  },
  get stderrIsTerminal() {
    return isTerminal(2);
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

export function hasColor(env: Io["env"], streams: Streams): boolean {
  return !env["NO_COLOR"] && env["TERM"] !== "dumb" && streams.stdoutIsTerminal;
}

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
