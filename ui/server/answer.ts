import { httpErrorFor } from "./http-error.ts";

/** Headers of every answer: nobody else's page may read, frame or keep it. */
const GUARDED = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

type Headers = Record<string, string>;

/** An answer with the headers that every answer has. */
export function answer(
  body: string | ReadableStream | null,
  headers: Headers,
  status = 200,
): Response {
  return new Response(body, { status, headers: { ...GUARDED, ...headers } });
}

export function json(value: unknown, status = 200, headers: Headers = {}): Response {
  const type = "application/json; charset=utf-8";
  return answer(`${JSON.stringify(value)}\n`, { "Content-Type": type, ...headers }, status);
}

/** `{"error":{"code","message","hint"}}`, as on the command line. */
export function errorAnswer(error: unknown): Response {
  const { fault, hint } = httpErrorFor(error);
  const { code, message, status, headers } = fault;
  const retry = status === 503 ? { "Retry-After": "1" } : {};
  return json({ error: { code, message, ...(hint && { hint }) } }, status, {
    ...headers,
    ...retry,
  });
}
