import { reap } from "../../registry/maintain/reap.ts";
import { release } from "../../registry/maintain/release.ts";
import { isPort } from "../../registry/model/claim.ts";
import { listClaims } from "../../registry/query/list.ts";
import { ClaimStore } from "../../registry/store/claims.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { answer, json } from "./answer.ts";
import type { Page } from "./bundle.ts";
import { eventStream } from "./events.ts";
import type { Feed } from "./feed.ts";
import { readFields } from "./fields.ts";
import type { Visitor } from "./guard.ts";
import { HttpError } from "./http-error.ts";
import { plainNotice, plainPage } from "./no-script-page.ts";
import { reapOutcome } from "./outcome.ts";
import { redactClaim } from "./redact.ts";

/** What the answers are made of. */
export interface Dashboard {
  open: () => Promise<Registry>;
  feed: Feed;
  page: Page;
}

type Handler = (
  dashboard: Dashboard,
  request: Request,
  visitor: Visitor,
  port: number,
) => Promise<Response> | Response;

/** A path, and what it answers to each method; HEAD follows from GET. */
const ROUTES: readonly { path: RegExp; methods: Record<string, Handler> }[] = [
  { path: /^\/$/, methods: { GET: showPage } },
  { path: /^\/api\/claims$/, methods: { GET: showClaims } },
  { path: /^\/api\/events$/, methods: { GET: showEvents } },
  { path: /^\/api\/reap$/, methods: { POST: doReap } },
  { path: /^\/api\/claims\/([1-9]\d{0,4})\/release$/, methods: { POST: doRelease } },
];

/** Answers a request that has been let in. Throws a Fault: 404 or 405, or what its handler does. */
export async function route(
  dashboard: Dashboard,
  request: Request,
  visitor: Visitor,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  const found = ROUTES.find(({ path }) => path.test(pathname));
  const port = Number(found?.path.exec(pathname)?.[1] ?? 1);
  if (found === undefined || !isPort(port)) {
    throw new HttpError(404, "no-such-path", `Cannot answer ${pathname}: there is no such path`);
  }
  const { methods } = found;
  const method = request.method === "HEAD" ? "GET" : request.method;
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (handler) return await handler(dashboard, request, visitor, port);
  const allowed = Object.keys(methods).flatMap((name) => (name === "GET" ? ["GET", "HEAD"] : name));
  throw new HttpError(
    405,
    "no-such-method",
    `Cannot ${request.method} ${pathname}: it takes ${allowed.join(" and ")}`,
    { Allow: allowed.join(", ") },
  );
}

async function showPage(dashboard: Dashboard, _request: Request, visitor: Visitor) {
  const { html, policy } = dashboard.page;
  const plain = visitor.isHome ? await describePlainly(dashboard) : plainNotice();
  return answer(
    html.replace("<!-- plain -->", () => plain),
    {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": policy,
    },
  );
}

async function describePlainly({ open }: Dashboard): Promise<string> {
  try {
    const registry = await open();
    const settled = await reap(registry, { dryRun: true });
    return plainPage(listClaims(registry).claims, settled.map(reapOutcome));
  } catch {
    // The page itself tells what is wrong, and goes on when it is mended.
    return plainNotice();
  }
}

async function showClaims({ open }: Dashboard, _request: Request, { isHome }: Visitor) {
  const { claims } = listClaims(await open());
  return json(isHome ? claims : claims.map(redactClaim));
}

function showEvents({ feed }: Dashboard, request: Request, visitor: Visitor) {
  if (request.method === "HEAD") return answer(null, { "Content-Type": "text/event-stream" });
  return eventStream(request, feed, visitor);
}

async function doReap({ open }: Dashboard, request: Request) {
  const fields = await readFields(request, { dry_run: "boolean" });
  const settled = await reap(await open(), { dryRun: fields["dry_run"] === true });
  if (!request.headers.get("accept")?.includes("text/html")) return json(settled.map(reapOutcome));
  return answer(null, { Location: "/" }, 303);
}

async function doRelease({ open }: Dashboard, request: Request, _: Visitor, port: number) {
  const fields = await readFields(request, { force: "boolean", claimed_at: "string" });
  const registry = await open();
  checkSame(registry, port, fields["claimed_at"]);
  const force = fields["force"] === true;
  // Nobody's directory and project: only what is dead goes without force.
  const claims = await release(
    registry,
    { target: { port }, here: { cwd: "", project: "" }, force },
    undefined,
  );
  return json(claims);
}

/** What was looked at a moment ago may have become somebody else's. */
function checkSame({ machine, home }: Registry, port: number, claimedAt: unknown): void {
  if (claimedAt === undefined) return;
  const found = new ClaimStore(machine, home).read(port);
  if (found === undefined || !("claim" in found) || found.claim.claimed_at === claimedAt) return;
  const why = "it was claimed anew in the meantime";
  throw new HttpError(409, "claimed-anew", `Cannot release ${port}: ${why}`);
}
