import type { Here } from "../config/checkout.ts";
import { RegistryError } from "../errors/errors.ts";
import { Snapshot } from "../liveness/snapshot.ts";
import type { ClaimView } from "../model/claim.ts";
import { localUrl, urlOf } from "../model/url.ts";
import { ClaimStore } from "../store/claims.ts";
import type { Registry } from "../store/registry.ts";
import { findClaim, type FindOptions, type PortOrService } from "./find.ts";
import { inspectPort } from "./inspect.ts";
import { viewClaims } from "./list.ts";
import { ambiguous, isHere, notFound } from "./scope.ts";

/** Where a server is reached. */
export interface ServerUrl {
  /** "http://localhost:3000": of the port that it really listens on. */
  url: string;
  port: number;
  /** Missing for a port that isn't claimed. */
  claim?: ClaimView;
  /** Whether a process listens on the port. */
  isListening: boolean;
}

/**
 * The URL of a port, of a service in this checkout, or, without a target, of the only server here.
 * Throws a RegistryError: "not-found", "ambiguous", or "not-running" if only foreign processes listen.
 */
export function findUrl(
  registry: Registry,
  target: PortOrService | undefined,
  here: Here,
  caller: FindOptions["caller"],
): ServerUrl {
  if (target && "port" in target) return urlOfPort(registry, target.port);
  const options = { reach: "checkout" as const, ...(caller && { caller }) };
  return urlOfClaim(
    target ? findClaim(registry, target, here, options).best : onlyServer(registry, here),
  );
}

function urlOfPort(registry: Registry, port: number): ServerUrl {
  const { claim, listeners } = inspectPort(registry, port);
  if (claim?.elsewhere) return urlOfClaim(claim);
  const isListening = listeners.length > 0;
  return { url: localUrl(port), port, isListening, ...(claim && { claim }) };
}

function urlOfClaim(claim: ClaimView): ServerUrl {
  const { port, service, foreign, listeners, elsewhere } = claim;
  const url = urlOf(claim);
  if (url === undefined) {
    const [first] = foreign ?? [];
    const what = `${first?.command ?? "another process"} (pid ${first?.pid}) listens on port ${port}`;
    const message = `${service} isn't running: ${what}`;
    throw new RegistryError(message, { code: "not-running", port });
  }
  const [real] = elsewhere ?? [];
  return {
    url,
    port: real?.port ?? port,
    claim,
    isListening: real !== undefined || listeners.length > 0,
  };
}

/** The only claim of this directory or checkout; of several, the only one whose server listens. */
function onlyServer(registry: Registry, here: Here): ClaimView {
  const table = new ClaimStore(registry.machine, registry.home).readAll();
  const claims = viewClaims(new Snapshot(registry), table).filter(
    (claim) => claim.state !== "dead" && isHere(claim, here, registry.shared),
  );
  const listening = claims.filter(({ state, elsewhere }) => state === "listening" || elsewhere);
  const [first, ...others] = listening.length > 0 ? listening : claims;
  if (first === undefined) throw notFound({}, [], []);
  if (others.length > 0) throw ambiguous({}, [first, ...others]);
  return first;
}
