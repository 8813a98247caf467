import { unless } from "../../native/errno.ts";
import type { Listener } from "../../native/machine.ts";
import type { Here } from "../config/checkout.ts";
import { RegistryError } from "../errors/errors.ts";
import { Snapshot } from "../liveness/snapshot.ts";
import type { ClaimView, ListenerView } from "../model/claim.ts";
import { describeElsewhere } from "../query/elsewhere.ts";
import { findClaim, type PortOrService } from "../query/find.ts";
import { inspectPort } from "../query/inspect.ts";
import type { Registry } from "../store/registry.ts";
import { connect, get } from "./probe-server.ts";

export interface WaitRequest {
  target: PortOrService;
  here: Here;
  /** Seconds. */
  timeout: number;
  /** Wait until this path returns status 2xx or 3xx, not just for a connection. */
  http?: string;
  /** Instead, wait until nothing listens. */
  free?: boolean;
  /** Called once, with a message, when the server has listened on another port for a second. */
  onElsewhere?: (message: string) => void;
}

/** Milliseconds between checks: short at first, then longer so that a long wait costs little. */
const MIN_PAUSE = 10;
const MAX_PAUSE = 100;
/** The same after this many seconds, and between requests, which cost more than connections. */
const LONG_PAUSE = 250;
const LONG_WAIT = 10;
/** Seconds after which to look the claim up again even if claims/ hasn't changed. */
const LOOKUP_EVERY = 2;
/** The timeout in seconds for one connection or request. */
const ATTEMPT = 2;

/**
 * Waits until a port accepts a connection, responds over HTTP, or is free, and returns the port.
 * Follows a service whose claim moves to another port. Throws a RegistryError: "ambiguous", "timeout"
 * with the last problem seen, or "not-found" for an unclaimed service with `free`.
 */
export async function waitForPort(registry: Registry, request: WaitRequest): Promise<number> {
  const { machine } = registry;
  const started = machine.monotonic();
  const deadline = started + request.timeout;
  const follower = new Follower(registry, request);
  let pause = MIN_PAUSE;
  for (;;) {
    const port = follower.port();
    const left = deadline - machine.monotonic();
    const seen =
      port === undefined
        ? "no port is claimed for it"
        : await check(registry, request, follower, port, left);
    if (seen === undefined && port !== undefined) return port;
    follower.report();
    if (machine.monotonic() >= deadline) {
      throw timedOut(request, port, follower.elsewhere() ?? seen ?? "");
    }
    await Bun.sleep(Math.max(1, Math.min(pause, (deadline - machine.monotonic()) * 1000)));
    const isLong = request.http !== undefined || machine.monotonic() - started > LONG_WAIT;
    pause = Math.min(pause * 1.2, isLong ? LONG_PAUSE : MAX_PAUSE);
  }
}

/** Knows the port to wait for. Looks up a service's claim again when claims/ has changed. */
class Follower {
  private last: number | undefined;
  private claim: ClaimView | undefined;
  private mark = "";
  private lookupAt = 0;
  private elsewhereSince: number | undefined;
  private reported = false;
  private examined: (Examined & { key: string }) | undefined;

  constructor(
    readonly registry: Registry,
    readonly request: WaitRequest,
  ) {}

  port(): number | undefined {
    const { target, free } = this.request;
    const { machine, home } = this.registry;
    const stat = unless(["ENOENT", "EACCES"], () => machine.files.stat(home.claims));
    const mark = `${stat?.id} ${stat?.mtime}`;
    if (mark !== this.mark || machine.monotonic() >= this.lookupAt) {
      this.mark = mark;
      this.lookupAt = machine.monotonic() + LOOKUP_EVERY;
      this.claim = this.lookUp();
    }
    const port = "port" in target ? target.port : this.claim?.port;
    if (port !== undefined) this.last = port;
    // A server may keep running after its claim was released.
    return free ? this.last : port;
  }

  private lookUp(): ClaimView | undefined {
    const { target, here } = this.request;
    if ("port" in target) return inspectPort(this.registry, target.port).claim ?? undefined;
    try {
      return findClaim(this.registry, target, here, { reach: "checkout" }).best;
    } catch (error) {
      const isUnknown = error instanceof RegistryError && error.reason.code === "not-found";
      // A service that was never claimed can't become free, but it may still get claimed.
      if (!isUnknown || (this.request.free && this.last === undefined)) throw error;
      return undefined;
    }
  }

  /** Which of the sockets on the port to connect to, and why not to, if none is the claim's own. */
  examine(sockets: readonly Listener[]): Examined {
    const addresses = sockets.map(({ address }) => address);
    if (this.claim === undefined || this.claim.state === "dead") return { addresses };
    const { pid, claimed_at, state } = this.claim;
    // Finding the sockets' processes is expensive: only do it when the sockets or the claim change.
    const holders = sockets.map((socket) => `${socket.inode}:${socket.pid}`);
    const key = [pid, claimed_at, state, ...holders].join(" ");
    if (key !== this.examined?.key) {
      this.examined = { key, ...examine(new Snapshot(this.registry), this.claim) };
    }
    const { listeners = [] } = this.examined;
    const isSuspended = (one: ListenerView) =>
      one.pid !== null && this.registry.machine.process(one.pid)?.suspended === true;
    const [first] = listeners;
    if (first === undefined || !listeners.every(isSuspended)) return this.examined;
    return { addresses: [], problem: `${nameOf(first)} is suspended` };
  }

  /** What the server listens on instead. */
  elsewhere(): string | undefined {
    const told = this.claim && describeElsewhere(this.claim);
    if (told === undefined) this.elsewhereSince = undefined;
    return told;
  }

  /** Reports that the server listens elsewhere, once it has done so for a second. */
  report(): void {
    const told = this.elsewhere();
    if (told === undefined || this.reported) return;
    const now = this.registry.machine.monotonic();
    this.elsewhereSince ??= now;
    if (now - this.elsewhereSince < 1) return;
    this.reported = true;
    this.request.onElsewhere?.(`${this.claim?.service} ${told}`);
  }
}

interface Examined {
  addresses: string[];
  /** The claim's own. */
  listeners?: ListenerView[];
  problem?: string;
}

/** The addresses of a claimed port but those of foreign processes, unless they are all that listen. */
function examine(snapshot: Snapshot, claim: ClaimView): Examined {
  const views = snapshot.listeners.views(claim.port);
  const own = views.filter(({ pid }) => pid === null || !snapshot.isForeign(claim, pid));
  const [first] = views;
  if (own.length > 0 || first === undefined) {
    return { addresses: own.flatMap(({ addresses }) => addresses), listeners: own };
  }
  return { addresses: [], problem: `another process listens on it: ${nameOf(first)}` };
}

const nameOf = ({ command, pid }: ListenerView) =>
  `${command ?? "unknown"} (pid ${pid ?? "unknown"})`;

/** Why the port isn't ready; `undefined` once it is. */
async function check(
  { machine }: Registry,
  { free, http }: WaitRequest,
  follower: Follower,
  port: number,
  left: number,
): Promise<string | undefined> {
  // Read the listeners from the kernel first: only connect to a port that has one.
  const sockets = machine.listeners().filter((listener) => listener.port === port);
  if (free) return sockets.length === 0 ? undefined : "a process still listens";
  const { addresses, problem } = follower.examine(sockets);
  if (problem !== undefined) return problem;
  if (addresses.length === 0) return "nothing listens";
  const timeout = Math.max(50, Math.min(ATTEMPT, left) * 1000);
  return await firstReady(
    reachable(addresses).map((host) =>
      http === undefined ? connect(host, port, timeout) : get(host, port, http, timeout),
    ),
  );
}

/** Resolves to `undefined` as soon as one address is ready, else to the first address's problem. */
function firstReady(answers: Promise<string | undefined>[]): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  for (const answer of answers) {
    void answer.then((problem) => problem === undefined && resolve(undefined));
  }
  void Promise.all(answers).then(([problem]) => resolve(problem));
  return promise;
}

/** The addresses to connect to: the family's loopback address in place of a wildcard. */
function reachable(addresses: string[]): string[] {
  const hosts = addresses.flatMap((address) => {
    if (address === "0.0.0.0") return ["127.0.0.1"];
    return address === "::" ? ["127.0.0.1", "::1"] : [address];
  });
  return [...new Set(hosts)];
}

const describe = (target: PortOrService) =>
  "port" in target ? `port ${target.port}` : `service "${target.service}"`;

function timedOut({ target, timeout, free }: WaitRequest, port: number | undefined, seen: string) {
  const at = "service" in target && port !== undefined ? ` (port ${port})` : "";
  const goal = free ? " to become free" : "";
  const message = `timed out after ${timeout}s waiting for ${describe(target)}${at}${goal}: ${seen}`;
  return new RegistryError(message, { code: "timeout", seen });
}
