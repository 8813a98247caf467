import { unless } from "../../native/errno.ts";
import type { Machine } from "../../native/machine.ts";
import { version } from "../../package.json";
import { RegistryError } from "../../registry/errors/errors.ts";
import { Snapshot } from "../../registry/liveness/snapshot.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { urlOf } from "./address.ts";

/** What a dashboard says of itself: `GET /api/about`. */
export interface About {
  name: "portclaim";
  version: string;
  pid: number;
  /** The address and port that it listens on. */
  bind: string;
  port: number;
  /** The directory of its registry; absent for visitors from other machines. */
  registry?: string;
}

export function aboutThis({ home, machine }: Registry, bind: string, port: number): About {
  return { name: "portclaim", version, pid: machine.pid, bind, port, registry: home.path };
}

/**
 * Finds this registry's dashboard on a port that is in use; `undefined` if the port is used by anything else. Throws a
 * RegistryError ("port-taken") for a dashboard of another user, registry or address.
 */
export async function findDashboard(
  registry: Registry,
  bind: string,
  port: number,
): Promise<{ pid: number; url: string } | undefined> {
  const host = bind === "0.0.0.0" || bind === "::" ? "127.0.0.1" : bind;
  const refuse = (by: string) =>
    new RegistryError(`port ${port} is in use by ${by}`, { code: "port-taken", port, by });
  const about = await ask(urlOf(host, port));
  if (about === "other-user") throw refuse("another user's dashboard");
  if (about === undefined || !isOwnProcess(registry, port, about.pid)) return undefined;
  const pid = `(pid ${about.pid})`;
  if (!isSameDirectory(registry.machine, about.registry, registry.home.path)) {
    throw refuse(`the dashboard of another registry, ${about.registry} ${pid}`);
  }
  if (about.bind !== bind) throw refuse(`the dashboard, which listens on ${about.bind} ${pid}`);
  return { pid: about.pid, url: urlOf(host, port) };
}

const TIMEOUT = 1000;
const LARGEST_ANSWER = 4096;

async function ask(
  url: string,
): Promise<(About & { registry: string }) | "other-user" | undefined> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT);
    // Ask the listener itself, regardless of http_proxy.
    const options = { redirect: "manual", proxy: false, signal } as const;
    const response = await fetch(`${url}api/about`, options);
    const size = Number(response.headers.get("content-length") ?? Infinity);
    if (size > LARGEST_ANSWER) return undefined;
    const answer = await response.json();
    if (answer?.error?.code === "other-user") return "other-user";
    return answer?.name === "portclaim" && typeof answer.registry === "string" ? answer : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process that a dashboard says it is listens on the port, and belongs to this user. */
function isOwnProcess(registry: Registry, port: number, pid: number): boolean {
  const listeners = new Snapshot(registry).listeners.views(port);
  return listeners.some((one) => one.pid === pid && one.uid === registry.machine.uid);
}

function isSameDirectory({ files }: Machine, a: string, b: string): boolean {
  const id = (path: string) => unless(["ENOENT", "EACCES"], () => files.stat(path))?.id;
  return a === b || (id(a) !== undefined && id(a) === id(b));
}
