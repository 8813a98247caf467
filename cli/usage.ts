/** The command failed, and has said so in its own output: exit code 1, nothing more to say. */
export class SilentError extends Error {
  override name = "SilentError";
}

/** The program was called with words it can't use: exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}
