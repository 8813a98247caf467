import { describeFailure } from "../../native/errno.ts";
import { type ErrorCode, RegistryError } from "../../registry/errors/errors.ts";

/** A request that fails, as its sender is told. */
export class HttpError extends Error {
  override name = "HttpError";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}

const STATUS: Record<ErrorCode, number> = {
  invalid: 400,
  "not-found": 404,
  "not-running": 409,
  ambiguous: 409,
  "not-owner": 409,
  "claimed-anew": 409,
  "unreadable-claim": 409,
  "port-taken": 409,
  "range-exhausted": 409,
  exists: 409,
  "not-covered": 409,
  ancestor: 409,
  "still-running": 409,
  locked: 503,
  timeout: 504,
  "no-project": 404,
  "project-file": 500,
  config: 500,
  "no-owner": 500,
  "no-home": 500,
  "unsafe-home": 500,
  "network-home": 500,
};

const HINTS: Partial<Record<ErrorCode, string>> = {
  "not-owner": 'send {"force": true} if you are sure',
  "unreadable-claim": 'send {"force": true} to remove the file',
  locked: "try again in a moment",
};

/** What the sender is told of an error. A bug reveals nothing of its cause. */
export function toHttpError(error: unknown): { error: HttpError; hint?: string } {
  if (error instanceof HttpError) return { error };
  if (error instanceof RegistryError) {
    const { code } = error.reason;
    const hint = HINTS[code];
    const headers = code === "locked" ? { "Retry-After": "1" } : {};
    return {
      error: new HttpError(STATUS[code], code, error.message, headers),
      ...(hint && { hint }),
    };
  }
  const { name, code, call, path } = error as Error & Record<string, string | undefined>;
  if (name === "SystemError" && code !== undefined) {
    return { error: new HttpError(500, code, describeFailure(call ?? "use", path, code)) };
  }
  return { error: new HttpError(500, "bug", "internal error: this is a bug in portclaim") };
}
