import type { Here } from "../config/checkout.ts";
import type { Config } from "../config/config.ts";
import { preferredPort } from "../config/pool.ts";
import { placeOf, type ProjectFile, serviceOf } from "../config/project.ts";
import type { Lease } from "../model/claim.ts";
import { type AcquireRequest, invalid } from "./acquire-request.ts";

/** One service's part of a request, resolved. */
export interface PortRequest {
  service: string;
  project: string;
  /** What an existing claim has to match: a project only if one was named. */
  named: { service: string; project?: string };
  cwd: string;
  agent: string | null;
  lease: Lease;
  /** The checkout that contains `cwd`, and its repository, as in a claim. */
  root?: string;
  repository?: string;
  preferred?: number;
  /** In a linked worktree: the port that is reserved for the main checkout. */
  kept?: number;
  /** Where to start searching if no port is preferred. */
  near?: number;
  /** Refuse any port but the preferred one. */
  exact: boolean;
  reuse: boolean;
  /** The agent's session id. */
  session?: string;
  /** Ports that portclaim.toml assigns to other services. */
  assigned?: ReadonlySet<number>;
  reserved?: true;
  /** The marks of the `run` commands around this call. */
  marks?: readonly string[];
}

/** Characters. Another variable could have the value of a shorter session id by chance. */
const MIN_SESSION_LENGTH = 8;

/** Resolves a checked request for each service. Throws a RegistryError ("invalid"): exact without a port. */
export function resolveRequest(
  config: Config,
  asked: AcquireRequest,
  here: Here,
  file?: ProjectFile,
): PortRequest[] {
  const { prefer, lease, agent = null, session, exact = false, reuse = false } = asked;
  const resolved = asked.services.map((service, i) => {
    const own = serviceOf(file, service, asked.project);
    const place = placeOf(file, service, here, asked.project);
    const project = asked.project ?? place.project;
    const named = (i === 0 ? prefer : undefined) ?? own?.port;
    return { service, own, place, project, named };
  });
  const [head] = resolved;
  const first = head && preferredPort(config, head.project, head.service, head.named);
  if (exact && first === undefined) throw invalid("exact", "exact needs a preferred port");
  return resolved.map(({ service, own, place: { cwd, checkout }, project, named }, i) => {
    const settings = config.services.get(service);
    // The project's preferred port is for the first service; the others get ports after it.
    const preferred = i === 0 ? first : (named ?? settings?.port);
    const start = preferred ?? first;
    // Preferences in files belong to the main checkout. `prefer` and `exact` apply anywhere.
    const isAsked = exact || (i === 0 && prefer !== undefined);
    const isKept = checkout?.linked === true && !isAsked;
    return {
      service,
      project,
      named: { service, ...(asked.project !== undefined && { project }) },
      cwd,
      agent,
      lease: lease ?? own?.lease ?? settings?.lease ?? "ephemeral",
      exact: exact && preferred !== undefined,
      reuse,
      ...(session !== undefined && session.length >= MIN_SESSION_LENGTH && { session }),
      ...(checkout && { root: checkout.root }),
      ...(checkout?.repository !== undefined && { repository: checkout.repository }),
      ...(preferred !== undefined && (isKept ? { kept: preferred } : { preferred })),
      ...(start !== undefined && { near: start }),
      ...(file && { assigned: portsOfOthers(file, service, project) }),
      ...(asked.marks && { marks: asked.marks }),
      ...(asked.reserve && { reserved: true as const }),
    };
  });
}

/** The ports that portclaim.toml assigns to other services. */
function portsOfOthers({ services }: ProjectFile, service: string, project: string): Set<number> {
  const others = [...services.values()].filter(
    ({ name, place }) => name !== service || place.project !== project,
  );
  return new Set(others.flatMap(({ port }) => port ?? []));
}
