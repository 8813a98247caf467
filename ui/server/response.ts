import { toHttpError } from "./http-error.ts";

/** Headers of every response: no other page may read, frame or cache it. */
const SECURITY = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

type Headers = Record<string, string>;

/** A response with the security headers. */
export function respond(
  body: string | ReadableStream | null,
  headers: Headers,
  status = 200,
): Response {
  return new Response(body, { status, headers: { ...SECURITY, ...headers } });
}

export function respondJson(value: unknown, status = 200, headers: Headers = {}): Response {
  const type = "application/json; charset=utf-8";
  return respond(`${JSON.stringify(value)}\n`, { "Content-Type": type, ...headers }, status);
}

/** `{"error":{"code","message","hint"}}`, as on the command line. */
export function respondError(thrown: unknown): Response {
  const { error, hint } = toHttpError(thrown);
  const { code, message, status, headers } = error;
  return respondJson({ error: { code, message, ...(hint && { hint }) } }, status, headers);
}
