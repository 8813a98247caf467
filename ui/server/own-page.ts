import { hasKey } from "./browser-key.ts";
import type { Dashboard } from "./handler.ts";
import { HttpError } from "./http-error.ts";

/**
 * Refuses any request but one of the dashboard's own page in a browser, as for stopping servers: a command-line tool
 * that sends no such headers should use `portclaim stop`, which asks whose server it is.
 */
export function requireOwnPage({ headers }: Request): void {
  const isSameOrigin = headers.get("sec-fetch-site") === "same-origin";
  const origin = headers.get("origin")?.toLowerCase();
  if (isSameOrigin && origin === `http://${headers.get("host")?.toLowerCase()}`) return;
  const message = "only the dashboard's page may do this; in a terminal, run: portclaim stop";
  throw new HttpError(403, "not-the-page", message);
}

/** Refuses a browser that `portclaim http --open` hasn't opened, where the system doesn't tell whose request it is. */
export function requireKey(request: Request, { key, about }: Dashboard): void {
  if (key === undefined || hasKey(request, key, about.port)) return;
  const message = "this browser may only view; to stop and release, run: portclaim http --open";
  throw new HttpError(403, "no-key", message);
}
