/** Exit codes, as docs/commands.md lists them. */
export const EXIT = {
  done: 0,
  failed: 1,
  misuse: 2,
  noPort: 3,
  notFound: 4,
  locked: 5,
  /** `run`, as shells do: the command can't be run, or doesn't exist. */
  cannotRun: 126,
  noCommand: 127,
} as const;

/** The command failed and has already reported it in its output: exit code 1, no message. */
export class SilentError extends Error {
  override name = "SilentError";
}

/** The command line is wrong: exit code 2. `hint` is what to type instead. */
export class UsageError extends Error {
  override name = "UsageError";
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** The command given to `run` can't be run. */
export class CommandError extends Error {
  override name = "CommandError";
  constructor(
    readonly exit: number,
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}
