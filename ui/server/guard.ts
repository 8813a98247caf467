import { hostOf, isLoopback, ownAddresses, plainAddress } from "./address.ts";
import { HttpError } from "./http-error.ts";
import { type End, isOwnPeer } from "./peer.ts";

/** What is known of who asks. */
export interface Visitor {
  /** On this machine, and its user's own or root's: may change things and see everything. */
  isHome: boolean;
}

/** Where the dashboard listens, and whose it is. */
export interface Place {
  port: number;
  uid: number;
  /** Beyond loopback. */
  isWide: boolean;
}

export const isChange = (method: string) => method !== "GET" && method !== "HEAD";

/** Lets a request in, or throws a Fault of 403: nothing answers that has not passed here. */
export function admit(request: Request, peer: End | null, place: Place): Visitor {
  const own = place.isWide ? ownAddresses() : new Set<string>();
  checkHost(request.headers.get("host"), own);
  const address = plainAddress(peer?.address ?? "");
  const isHome = isLoopback(address) || own.has(address);
  if (isHome && !(peer && isOwnPeer(place.uid, peer, place.port))) {
    throw new HttpError(403, "other-user", "Cannot answer: the dashboard is another user's");
  }
  checkSite(request);
  if (!isHome && isChange(request.method)) {
    const why = "only the machine it runs on may change anything";
    throw new HttpError(403, "read-only", `Cannot ${request.method} from ${address}: ${why}`);
  }
  return { isHome };
}

/** A name that merely leads here (DNS rebinding) is not ours. */
function checkHost(header: string | null, own: ReadonlySet<string>): void {
  const host = hostOf(header);
  if (host !== undefined && (isLoopback(host) || own.has(host))) return;
  const named = header === null ? "without a Host" : `for host ${JSON.stringify(header)}`;
  throw new HttpError(
    403,
    "foreign-host",
    `Cannot answer ${named}: it is not an address of this machine`,
  );
}

const OWN_SITES = ["same-origin", "none"];

/**
 * Keeps other web pages out, by the headers that only a browser sets (Fetch Metadata, W3C): they
 * may link to the dashboard, but neither change nor load anything. Tools send none of these.
 */
function checkSite({ method, headers, url }: Request): void {
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  const isNavigation = headers.get("sec-fetch-mode") === "navigate";
  const isLink = !isChange(method) && (isNavigation || !url.includes("/api/"));
  const isForeign = site !== null && !OWN_SITES.includes(site) && !isLink;
  if (isForeign || (isChange(method) && !isOwnOrigin(origin, headers.get("host"), site !== null))) {
    const from = origin === null ? "" : ` of ${JSON.stringify(origin)}`;
    throw new HttpError(
      403,
      "foreign-site",
      `Cannot ${method} for a page${from}: it is not the dashboard`,
    );
  }
}

/** `null`, which a page may send to hide who it is, counts only if the browser vouches for it. */
function isOwnOrigin(origin: string | null, host: string | null, isVouchedFor: boolean): boolean {
  if (origin === null || (origin === "null" && isVouchedFor)) return true;
  return origin.toLowerCase() === `http://${host?.toLowerCase()}`;
}
