import { peerUser, tellsPeers } from "../../native/posix/peer.ts";
import { hostOf, isLoopback, ownAddresses, plainAddress } from "./address.ts";
import { HttpError } from "./http-error.ts";

/** Who sent a request. */
export interface Visitor {
  /** This machine's own user, or root: may change claims, and sees commands and directories. */
  isTrusted: boolean;
}

/** Where the dashboard listens, and the user that it belongs to. */
export interface Endpoint {
  port: number;
  uid: number;
  /** Whether it listens beyond loopback. */
  isPublic: boolean;
}

/** The other end of a TCP connection. */
export interface Peer {
  address: string;
  port: number;
}

/** Lets a request in, or throws an HttpError (403). No request is answered without it. */
export function authorize(request: Request, peer: Peer | null, endpoint: Endpoint): Visitor {
  const own = endpoint.isPublic ? ownAddresses() : new Set<string>();
  checkHost(request.headers.get("host"), own);
  const address = plainAddress(peer?.address ?? "");
  const isTrusted = isLoopback(address) || own.has(address);
  if (isTrusted && !(peer && isOwnUser(peer, endpoint))) {
    throw new HttpError(403, "other-user", "this dashboard belongs to another user");
  }
  checkSite(request);
  if (!isTrusted && isChange(request.method)) {
    const message = `${request.method} is only allowed from the machine that runs the dashboard`;
    throw new HttpError(403, "read-only", message);
  }
  return { isTrusted };
}

const isChange = (method: string) => method !== "GET" && method !== "HEAD";

/**
 * Whether a connection from this machine comes from the dashboard's user or from root. If its user can't be found, it
 * doesn't; on a system that never tells, it does.
 */
function isOwnUser(peer: Peer, { uid, port }: Endpoint): boolean {
  if (!tellsPeers) return true;
  const user = peerUser(peer.address, peer.port, port);
  return user === uid || user === 0;
}

/** Refuses any name but this machine's, which stops DNS rebinding. */
function checkHost(header: string | null, own: ReadonlySet<string>): void {
  const host = hostOf(header);
  if (host !== undefined && (isLoopback(host) || own.has(host))) return;
  const message =
    header === null
      ? "missing Host header"
      : `host ${JSON.stringify(header)} is not an address of this machine`;
  throw new HttpError(403, "foreign-host", message);
}

const OWN_SITES = ["same-origin", "none"];

/**
 * Refuses other web pages, by headers that only browsers send (Fetch Metadata, W3C): they may link to the dashboard,
 * but not change or load anything. Command-line tools send none of these headers.
 */
function checkSite({ method, headers, url }: Request): void {
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  const isNavigation = headers.get("sec-fetch-mode") === "navigate";
  const isLink = !isChange(method) && (isNavigation || !url.includes("/api/"));
  const isForeign = site !== null && !OWN_SITES.includes(site) && !isLink;
  if (isForeign || (isChange(method) && !isOwnOrigin(origin, headers.get("host"), site !== null))) {
    const page = origin === null ? "another web page" : `a web page of ${JSON.stringify(origin)}`;
    throw new HttpError(403, "foreign-site", `${method} is not allowed from ${page}`);
  }
}

/** A page may send `null` to hide its origin, so that counts only if the browser also sent Sec-Fetch-Site. */
function isOwnOrigin(origin: string | null, host: string | null, hasFetchSite: boolean): boolean {
  if (origin === null || (origin === "null" && hasFetchSite)) return true;
  return origin.toLowerCase() === `http://${host?.toLowerCase()}`;
}
