import { RegistryError, type ErrorCode } from "../../registry/model/errors.ts";

/** Why a request gets no answer, as its sender is told. */
export class HttpError extends Error {
  override name = "Fault";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  invalid: 400,
  "not-found": 404,
  ambiguous: 409,
  "not-owner": 409,
  "unreadable-claim": 409,
  locked: 503,
};

const HINTS: Partial<Record<ErrorCode, string>> = {
  "not-owner": 'send {"force": true} if that is really gone',
  "unreadable-claim": 'send {"force": true} to remove that file',
  locked: "try again in a moment",
};

/** What an error is to whoever asked. A bug of ours tells nothing of its insides. */
export function httpErrorFor(error: unknown): { fault: HttpError; hint?: string } {
  if (error instanceof HttpError) return { fault: error };
  if (error instanceof RegistryError) {
    const { code } = error.reason;
    const hint = HINTS[code];
    const fault = new HttpError(STATUS[code] ?? 500, code, error.message);
    return hint === undefined ? { fault } : { fault, hint };
  }
  const { name, code, message } = error as Error & { code?: string };
  if (name === "SystemError") return { fault: new HttpError(500, code ?? "system", message) };
  return { fault: new HttpError(500, "bug", "Cannot answer: an error in portclaim itself") };
}
