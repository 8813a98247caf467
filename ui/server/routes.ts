import { planStop } from "../../registry/control/stop-plan.ts";
import { reap } from "../../registry/maintain/reap.ts";
import type { Outcome } from "../../registry/maintain/reconcile.ts";
import { release } from "../../registry/maintain/release.ts";
import { isPort } from "../../registry/model/claim.ts";
import { withUrl } from "../../registry/model/url.ts";
import { listClaims } from "../../registry/query/list.ts";
import { findUnclaimed } from "../../registry/query/unclaimed.ts";
import type { PortDetails, ReapOutcome } from "../page/wire.ts";
import { openWithKey } from "./browser-key.ts";
import { eventStream } from "./event-stream.ts";
import type { Visitor } from "./guard.ts";
import type { Dashboard, Handler } from "./handler.ts";
import { HttpError } from "./http-error.ts";
import { noScriptNotice, noScriptPage } from "./no-script-page.ts";
import { askToStop } from "./no-script-stop.ts";
import { requireKey } from "./own-page.ts";
import { pastEvents } from "./past-events.ts";
import { stopClaimed, stopUnclaimed } from "./post-stop.ts";
import { redactClaim } from "./redact.ts";
import { readBody } from "./request-body.ts";
import { respond, respondJson } from "./response.ts";

/** Paths, and the handler of each method; GET also answers HEAD. */
const ROUTES: readonly { path: RegExp; methods: Record<string, Handler> }[] = [
  { path: /^\/$/, methods: { GET: getPage } },
  { path: /^\/api\/about$/, methods: { GET: getAbout } },
  { path: /^\/api\/claims$/, methods: { GET: getClaims } },
  { path: /^\/api\/events$/, methods: { GET: getEvents } },
  { path: /^\/api\/reap$/, methods: { POST: postReap } },
  { path: /^\/api\/claims\/([1-9]\d{0,4})\/release$/, methods: { POST: postRelease } },
  { path: /^\/api\/claims\/([1-9]\d{0,4})\/stop$/, methods: { POST: stopClaimed } },
  { path: /^\/api\/listeners\/([1-9]\d{0,4})\/stop$/, methods: { POST: stopUnclaimed } },
  { path: /^\/api\/ports\/([1-9]\d{0,4})$/, methods: { GET: getPort } },
  { path: /^\/stop\/([1-9]\d{0,4})$/, methods: { GET: askToStop } },
  { path: /^\/open$/, methods: { GET: getOpen } },
];

/** Answers an authorized request. Throws an HttpError (404 or 405), or what its handler throws. */
export async function route(
  dashboard: Dashboard,
  request: Request,
  visitor: Visitor,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  const found = ROUTES.find(({ path }) => path.test(pathname));
  const port = Number(found?.path.exec(pathname)?.[1] ?? 1);
  if (found === undefined || !isPort(port)) {
    throw new HttpError(404, "no-such-path", `no such path: ${pathname}`);
  }
  const { methods } = found;
  const method = request.method === "HEAD" ? "GET" : request.method;
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (handler) return await handler(dashboard, request, visitor, port);
  const allowed = Object.keys(methods).flatMap((name) => (name === "GET" ? ["GET", "HEAD"] : name));
  const message = `${request.method} is not allowed on ${pathname}; use ${allowed.join(" or ")}`;
  throw new HttpError(405, "no-such-method", message, { Allow: allowed.join(", ") });
}

async function getPage(dashboard: Dashboard, _request: Request, visitor: Visitor) {
  const { html, policy } = dashboard.page;
  const plain = visitor.isTrusted ? await renderWithoutScript(dashboard) : noScriptNotice();
  return respond(
    html.replace("<!-- plain -->", () => plain),
    {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": policy,
    },
  );
}

async function renderWithoutScript({ open, about }: Dashboard): Promise<string> {
  try {
    const registry = await open();
    const outcomes = await reap(registry, { dryRun: true });
    const { claims, unreadable } = listClaims(registry);
    const known = [...claims, ...unreadable, about].map(({ port }) => port);
    return noScriptPage(claims, findUnclaimed(registry, known), outcomes.map(toReapOutcome));
  } catch {
    // The page itself reports the problem, and recovers once it is fixed.
    return noScriptNotice();
  }
}

function getAbout({ about }: Dashboard, _request: Request, { isTrusted }: Visitor) {
  const { registry: _registry, ...shown } = about;
  return respondJson(isTrusted ? about : shown);
}

async function getClaims({ open }: Dashboard, _request: Request, { isTrusted }: Visitor) {
  const { claims } = listClaims(await open());
  return respondJson((isTrusted ? claims : claims.map(redactClaim)).map(withUrl));
}

function getEvents({ feed }: Dashboard, request: Request, visitor: Visitor) {
  if (request.method === "HEAD") return respond(null, { "Content-Type": "text/event-stream" });
  return eventStream(request, feed, visitor);
}

/** What the page shows of one port; it contains command lines. */
async function getPort(
  { open }: Dashboard,
  _request: Request,
  { isTrusted }: Visitor,
  port: number,
) {
  if (!isTrusted) throw new HttpError(403, "read-only", "only this machine may see processes");
  const registry = await open();
  const file = `${registry.home.claims}/${port}.json`;
  const history = pastEvents(registry, { port, limit: 50 });
  const details: PortDetails = { port, file, servers: planStop(registry, port), history };
  return respondJson(details);
}

function getOpen({ key, about }: Dashboard, request: Request) {
  return openWithKey(request, key, about.port);
}

async function postReap({ open }: Dashboard, request: Request) {
  const fields = await readBody(request, { dry_run: "boolean" });
  const outcomes = await reap(await open(), { dryRun: fields["dry_run"] === true });
  const isForm = request.headers.get("accept")?.includes("text/html");
  return isForm ? respond(null, { Location: "/" }, 303) : respondJson(outcomes.map(toReapOutcome));
}

/** What became of a claim, as `reap --json` also prints it. */
function toReapOutcome({ action, claim, state, reason, adoption }: Outcome): ReapOutcome {
  const { port, service, project, pid } = claim;
  const now = adoption && { now: adoption.pid };
  return { port, service, project, pid, state, action, reason, ...now };
}

async function postRelease(dashboard: Dashboard, request: Request, _: Visitor, port: number) {
  requireKey(request, dashboard);
  const { force, claimed_at } = await readBody(request, { force: "boolean", claimed_at: "string" });
  // Without a directory and a caller, only a dead owner's claim is released without force.
  const { claims } = await release(
    await dashboard.open(),
    {
      target: { port },
      here: { cwd: "", project: "" },
      force: force === true,
      ...(typeof claimed_at === "string" && { claimedAt: claimed_at }),
    },
    undefined,
  );
  return respondJson(claims);
}
