import { RegistryError } from "../model/errors.ts";
import { findPort, type Here, type PortOrService } from "../query/find.ts";
import type { Registry } from "../store/registry.ts";

export interface WaitRequest {
  target: PortOrService;
  here: Here;
  /** Seconds. */
  timeout: number;
  /** Wait for an answer of 2xx or 3xx to this path, not just for a connection. */
  http?: string;
  /** Wait until nothing listens instead. */
  free?: boolean;
}

const PAUSE = 10;
/** Timers count their milliseconds in 31 bits. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * Waits until a port accepts a connection, answers over HTTP, or is free; returns the port. Throws
 * a RegistryError ("timeout") that names what was seen last.
 */
export async function waitForPort(registry: Registry, request: WaitRequest): Promise<number> {
  const { machine } = registry;
  const deadline = machine.monotonic() + request.timeout;
  for (;;) {
    const port = findPort(registry, request.target, request.here);
    const seen =
      port === undefined
        ? "no port is claimed for it"
        : await check(registry, request, port, deadline);
    if (seen === undefined && port !== undefined) return port;
    if (port === undefined && request.free) {
      const what = describe(request.target);
      throw new RegistryError(`no claim for ${what}`, { code: "not-found", what });
    }
    if (machine.monotonic() >= deadline) throw timedOut(request, port, seen ?? "");
    await Bun.sleep(Math.min(PAUSE, Math.max(1, (deadline - machine.monotonic()) * 1000)));
  }
}

/** What still stands in the way; `undefined` once the port is as it should be. */
async function check(
  { machine }: Registry,
  { free, http }: WaitRequest,
  port: number,
  deadline: number,
): Promise<string | undefined> {
  // Listeners are read from the kernel; only a port that has one is connected to.
  const addresses = machine
    .listeners()
    .filter((listener) => listener.port === port)
    .map(({ address }) => address);
  if (free) return addresses.length === 0 ? undefined : "a process still listens";
  if (addresses.length === 0) return "nothing listens";
  const left = Math.min(MAX_TIMER, Math.max(50, (deadline - machine.monotonic()) * 1000));
  return await firstReady(
    reachable(addresses).map((host) =>
      http === undefined ? connect(host, port, left) : get(host, port, http, left),
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

async function connect(
  hostname: string,
  port: number,
  timeout: number,
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const timer = setTimeout(() => resolve("it doesn't accept connections"), timeout);
  const socket = Bun.connect({
    hostname,
    port,
    socket: {
      open(opened) {
        opened.end();
        resolve(undefined);
      },
      data() {},
      connectError: () => resolve("connection refused"),
    },
  });
  socket.catch(() => resolve("connection refused"));
  const problem = await promise;
  clearTimeout(timer);
  return problem;
}

async function get(host: string, port: number, path: string, timeout: number) {
  const authority = host.includes(":") ? `[${host}]` : host;
  const url = `http://${authority}:${port}/${path.replace(/^\/+/, "")}`;
  try {
    const signal = AbortSignal.timeout(timeout);
    // The listener itself is asked, whatever http_proxy says.
    const response = await fetch(url, { redirect: "manual", proxy: false, signal });
    await response.body?.cancel();
    if (response.status >= 200 && response.status < 400) return undefined;
    return `it answers ${response.status} to ${path}`;
  } catch (error) {
    if ((error as Error).name === "TimeoutError") return `it doesn't answer ${path}`;
    return `it doesn't speak HTTP (${(error as { code?: string }).code ?? "no answer"})`;
  }
}

const describe = (target: PortOrService) =>
  "port" in target ? `port ${target.port}` : `service "${target.service}"`;

function timedOut({ target, timeout, free }: WaitRequest, port: number | undefined, seen: string) {
  const at = "service" in target && port !== undefined ? ` (port ${port})` : "";
  const goal = free ? " to become free" : "";
  const message = `timed out after ${timeout}s waiting for ${describe(target)}${at}${goal}: ${seen}`;
  return new RegistryError(message, { code: "timeout", seen });
}
