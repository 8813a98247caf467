import { unless } from "../../native/errno.ts";
import type { Here } from "../config/checkout.ts";
import { Snapshot } from "../liveness/snapshot.ts";
import type { ClaimView } from "../model/claim.ts";
import { RegistryError } from "../model/errors.ts";
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
  /** Wait for an answer of 2xx or 3xx to this path, not just for a connection. */
  http?: string;
  /** Wait until nothing listens instead. */
  free?: boolean;
  /** Called once when the server has listened on another port for a second, with what to say. */
  onElsewhere?: (message: string) => void;
}

/** Milliseconds between two checks: the first ones are quick, the later ones cost next to nothing. */
const MIN_PAUSE = 10;
const MAX_PAUSE = 100;
/** Seconds after which the claim is looked up anew although claims/ hasn't changed. */
const LOOKUP_EVERY = 2;
/** Seconds that one attempt to connect or to get an answer may take. */
const ATTEMPT = 2;

/**
 * Waits until a port accepts a connection, answers over HTTP, or is free; returns the port. A
 * service's port is followed where its claim changes. Throws a RegistryError: "ambiguous", "timeout"
 * with what was seen last, or "not-found" for a service that is to become free and isn't claimed.
 */
export async function waitForPort(registry: Registry, request: WaitRequest): Promise<number> {
  const { machine } = registry;
  const deadline = machine.monotonic() + request.timeout;
  const follower = new Follower(registry, request);
  let pause = MIN_PAUSE;
  for (;;) {
    const port = follower.port();
    const left = deadline - machine.monotonic();
    const seen =
      port === undefined
        ? "no port is claimed for it"
        : ((await check(registry, request, port, left)) ?? follower.problem());
    if (seen === undefined && port !== undefined) return port;
    if (port === undefined && request.free && follower.last !== undefined) return follower.last;
    follower.report();
    if (machine.monotonic() >= deadline) {
      throw timedOut(request, port, follower.elsewhere() ?? seen ?? "");
    }
    await Bun.sleep(Math.max(1, Math.min(pause, (deadline - machine.monotonic()) * 1000)));
    pause = Math.min(pause * 1.2, MAX_PAUSE);
  }
}

/** Knows the port to wait for, and looks a service's claim up anew when claims/ has changed. */
class Follower {
  /** The port that was found last. */
  last: number | undefined;
  private claim: ClaimView | undefined;
  private mark = "";
  private lookupAt = 0;
  private elsewhereSince: number | undefined;
  private reported = false;

  constructor(
    readonly registry: Registry,
    readonly request: WaitRequest,
  ) {}

  port(): number | undefined {
    const { target } = this.request;
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
    return port;
  }

  private lookUp(): ClaimView | undefined {
    const { target, here } = this.request;
    if ("port" in target) return inspectPort(this.registry, target.port).claim ?? undefined;
    try {
      return findClaim(this.registry, target, here, { reach: "checkout" }).best;
    } catch (error) {
      const isUnknown = error instanceof RegistryError && error.reason.code === "not-found";
      // A service that was never claimed can't become free; it may still come to be claimed.
      if (!isUnknown || (this.request.free && this.last === undefined)) throw error;
      return undefined;
    }
  }

  /** Why a port that accepts connections isn't the service: only foreign processes listen. */
  problem(): string | undefined {
    if (this.claim === undefined || this.request.free) return undefined;
    const fresh = new Snapshot(this.registry);
    if (fresh.state(this.claim) !== "occupied") return undefined;
    const [first] = fresh.listeners.views(this.claim.port);
    return `another process listens on it: ${first?.command ?? "unknown"} (pid ${first?.pid ?? "unknown"})`;
  }

  /** What the server listens on instead. */
  elsewhere(): string | undefined {
    const told = this.claim && describeElsewhere(this.claim);
    if (told === undefined) this.elsewhereSince = undefined;
    return told;
  }

  /** Tells that the server listens elsewhere, once that has been so for a second. */
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

/** What still stands in the way; `undefined` once the port is as it should be. */
async function check(
  { machine }: Registry,
  { free, http }: WaitRequest,
  port: number,
  left: number,
): Promise<string | undefined> {
  // Listeners are read from the kernel; only a port that has one is connected to.
  const addresses = machine
    .listeners()
    .filter((listener) => listener.port === port)
    .map(({ address }) => address);
  if (free) return addresses.length === 0 ? undefined : "a process still listens";
  if (addresses.length === 0) return "nothing listens";
  const timeout = Math.max(50, Math.min(ATTEMPT, left) * 1000);
  return await firstReady(
    reachable(addresses).map((host) =>
      http === undefined ? connect(host, port, timeout) : get(host, port, http, timeout),
    ),
  );
}

/** `undefined` as soon as one address is ready, whatever the others do; else the first one's problem. */
function firstReady(answers: Promise<string | undefined>[]): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  for (const answer of answers) {
    void answer.then((problem) => problem === undefined && resolve(undefined));
  }
  void Promise.all(answers).then(([problem]) => resolve(problem));
  return promise;
}

/** The addresses to connect to: a wildcard is reached by the loopback address of its family. */
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
