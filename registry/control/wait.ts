import { RegistryError } from "../model/errors.ts";
import { type Here, type PortOrService, findPort } from "../query/target.ts";
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
const LONGEST = 2 ** 31 - 1;

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
      port === undefined ? "nobody claims it" : await look(registry, request, port, deadline);
    if (seen === undefined && port !== undefined) return port;
    if (port === undefined && request.free) {
      throw new RegistryError(`Cannot wait for ${named(request.target)}: nobody claims it`, {
        code: "not-found",
        what: named(request.target),
      });
    }
    if (machine.monotonic() >= deadline) throw timedOut(request, port, seen ?? "");
    await Bun.sleep(Math.min(PAUSE, Math.max(1, (deadline - machine.monotonic()) * 1000)));
  }
}

/** What stands in the way still; `undefined` once the port is as it should be. */
async function look(
  { machine }: Registry,
  { free, http }: WaitRequest,
  port: number,
  deadline: number,
): Promise<string | undefined> {
  // What listens is read from the kernel; a connection is only made to a port that does.
  const addresses = machine
    .listeners()
    .filter((listener) => listener.port === port)
    .map(({ address }) => address);
  if (free) return addresses.length === 0 ? undefined : "something still listens";
  if (addresses.length === 0) return "nothing listens";
  const left = Math.min(LONGEST, Math.max(50, (deadline - machine.monotonic()) * 1000));
  return await firstReady(
    reachable(addresses).map((host) =>
      http === undefined ? connect(host, port, left) : get(host, port, http, left),
    ),
  );
}

/** `undefined` as soon as one address is ready, whatever the others do; else what the first said. */
function firstReady(answers: Promise<string | undefined>[]): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  for (const answer of answers) {
    void answer.then((said) => said === undefined && resolve(undefined));
  }
  void Promise.all(answers).then(([said]) => resolve(said));
  return promise;
}

/** Where to knock: a wildcard is reached by the loopback address of its family. */
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
  const timer = setTimeout(() => resolve("it doesn't accept a connection"), timeout);
  const socket = Bun.connect({
    hostname,
    port,
    socket: {
      open(opened) {
        opened.end();
        resolve(undefined);
      },
      data() {},
      connectError: () => resolve("it refuses connections"),
    },
  });
  socket.catch(() => resolve("it refuses connections"));
  const answer = await promise;
  clearTimeout(timer);
  return answer;
}

async function get(host: string, port: number, path: string, timeout: number) {
  const at = host.includes(":") ? `[${host}]` : host;
  const url = `http://${at}:${port}/${path.replace(/^\/+/, "")}`;
  try {
    const signal = AbortSignal.timeout(timeout);
    // What listens here is asked itself, whatever http_proxy says.
    const response = await fetch(url, { redirect: "manual", proxy: false, signal });
    await response.body?.cancel();
    if (response.status >= 200 && response.status < 400) return undefined;
    return `it answers ${response.status} to ${path}`;
  } catch (error) {
    if ((error as Error).name === "TimeoutError") return `it doesn't answer ${path}`;
    return `it doesn't speak HTTP (${(error as { code?: string }).code ?? "no answer"})`;
  }
}

const named = (target: PortOrService) =>
  "port" in target ? `port ${target.port}` : `service "${target.service}"`;

function timedOut({ target, timeout, free }: WaitRequest, port: number | undefined, seen: string) {
  const what =
    "service" in target && port !== undefined ? `${named(target)} (port ${port})` : named(target);
  const goal = free ? "to become free" : "";
  const message = `Cannot wait ${`for ${what} ${goal}`.trim()}: ${seen} after ${timeout} s`;
  return new RegistryError(message, { code: "timeout", seen });
}
