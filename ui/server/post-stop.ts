import { stopConfirmed } from "../../registry/control/stop-confirmed.ts";
import type { Handler } from "./handler.ts";
import { HttpError, toHttpError } from "./http-error.ts";
import { stopProblem } from "./no-script-stop.ts";
import { requireKey, requireOwnPage } from "./own-page.ts";
import { readBody } from "./request-body.ts";
import { respond, respondJson } from "./response.ts";

/** Seconds between TERM and KILL. */
const TIMEOUT = 5;

/** Stops the server of a claim, if claim and process are still those that the person confirmed. */
export const stopClaimed: Handler = (dashboard, request, _, port) =>
  stop(dashboard, request, port, true);

/** Stops a server on a port that no claim covers. */
export const stopUnclaimed: Handler = (dashboard, request, _, port) =>
  stop(dashboard, request, port, false);

async function stop(
  dashboard: Parameters<Handler>[0],
  request: Request,
  port: number,
  isClaimed: boolean,
): Promise<Response> {
  requireOwnPage(request);
  requireKey(request, dashboard);
  const known = { pid: "number", start: "string" } as const;
  const fields = await readBody(request, isClaimed ? { ...known, claimed_at: "string" } : known);
  const { pid, start, claimed_at } = fields;
  if (
    typeof pid !== "number" ||
    typeof start !== "string" ||
    isClaimed !== (typeof claimed_at === "string")
  ) {
    const missing = `missing field: ${isClaimed ? "claimed_at, " : ""}pid and start are required`;
    throw new HttpError(400, "malformed", missing);
  }
  const confirmed = {
    port,
    pid,
    start,
    ...(typeof claimed_at === "string" && { claimedAt: claimed_at }),
  };
  const isForm = request.headers.get("accept")?.includes("text/html") ?? false;
  try {
    const { ended, also, released } = await stopConfirmed(
      await dashboard.open(),
      confirmed,
      TIMEOUT,
    );
    return isForm
      ? respond(null, { Location: "/" }, 303)
      : respondJson({ port, ended, also, released });
  } catch (error) {
    if (!isForm) throw error;
    return stopProblem(dashboard.page, toHttpError(error).error);
  }
}
