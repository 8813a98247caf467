import { checkRequest, invalid } from "../registry/allocate/acquire-request.ts";
import { realDirectory } from "../registry/config/real-directory.ts";
import { validateName } from "../registry/values/name.ts";
import { validatePort } from "../registry/values/port.ts";
import { type Call, call, callSync } from "./client.ts";
import { PortclaimError, toPortclaimError } from "./error.ts";
import type {
  AcquireOptions,
  FindOptions,
  HeldClaim,
  ListFilter,
  ReleaseOptions,
  ReleaseTarget,
} from "./types.ts";

// Claims belong to this process, not to the owner that the program would find above it.
const MINE = `--pid=${process.pid}`;

function flags(options: object): string[] {
  return Object.entries(options).flatMap(([name, value]: [string, unknown]) => {
    if (value === undefined || value === false) return [];
    return [value === true ? `--${name}` : `--${name}=${value as string}`];
  });
}

const OPTIONS = ["project", "prefer", "exact", "lease", "agent", "reuse", "cwd"] as const;

/** The options that are set. Drops anything else, which an untyped program may pass. */
export function optionsOf(options: AcquireOptions): AcquireOptions {
  const given = OPTIONS.filter((name) => (options[name] ?? undefined) !== undefined);
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}

/** The directory that a call is about, as the registry knows it. Throws a RegistryError ("invalid"). */
export const directoryOf = ({ cwd }: { cwd?: string | undefined }): { cwd?: string } =>
  (cwd ?? undefined) === undefined ? {} : { cwd: realDirectory(cwd as string) };

/** Throws a RegistryError ("invalid") for an invalid name. */
export function checkNames(names: ListFilter): void {
  for (const kind of ["service", "project", "agent"] as const) {
    if (names[kind] !== undefined) validateName(kind, names[kind]);
  }
}

/** Throws a RegistryError ("invalid") unless a port, a service or a project is named. */
export function checkTarget(target: ReleaseTarget, { force }: ReleaseOptions): void {
  const given: unknown = force;
  if (given !== undefined && typeof given !== "boolean") {
    throw invalid("force", `force is not true or false: ${JSON.stringify(given)}`);
  }
  if (typeof target === "number") validatePort("port", target);
  else checkNames(checkNamed(target));
}

/** Without a name, every claim would match. */
function checkNamed(target: ListFilter | null): ListFilter {
  const { service, project } = target ?? {};
  if (typeof target === "object" && (service ?? project) !== undefined)
    return { service, project } as ListFilter;
  throw invalid("port", "name a port, a service or a project");
}

/** The command of an acquire. Its values are checked here, as only their text reaches the program. */
export function acquireCall(service: string, options: AcquireOptions): Call {
  const { cwd: _, ...given } = optionsOf(options);
  const { cwd } = checked(() => {
    checkRequest({ services: [service], cwd: "/", ...given });
    return directoryOf(options);
  });
  return { args: ["acquire", "--json", MINE, ...flags({ service, ...given })], cwd };
}

export function findCall(service: string, { cwd, project, agent }: FindOptions): Call {
  const names = { service, project, agent };
  const place = checked(() => {
    validateName("service", service);
    checkNames(names as ListFilter);
    return directoryOf({ cwd });
  });
  return { args: ["find", "--json", ...flags(names)], ...place };
}

export function listCall({ project, service, agent }: ListFilter): Call {
  const names = { project, service, agent };
  checked(() => checkNames(names as ListFilter));
  return { args: ["list", "--json", ...flags(names)] };
}

export function releaseCall(target: ReleaseTarget, { cwd, force }: ReleaseOptions): Call {
  const place = checked(() => {
    checkTarget(target, { force } as ReleaseOptions);
    return directoryOf({ cwd });
  });
  const named = typeof target === "number" ? [String(target)] : flags(target);
  return { args: ["release", "--json", MINE, ...flags({ force }), ...named], ...place };
}

function checked<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw toPortclaimError(error);
  }
}

type ClaimOfMine = Omit<HeldClaim, typeof Symbol.dispose | typeof Symbol.asyncDispose>;

/** The newest claim that this process got, by port: only that is released at the end of a scope. */
const newest = new Map<number, string>();

/** Makes a claim disposable. `release` is used instead of running the program, where that is possible. */
export function held(claim: ClaimOfMine, release?: () => Promise<void>): HeldClaim {
  const { port, claimed_at, how } = claim;
  if (how !== "reused") newest.set(port, claimed_at);
  const isMine = () => how !== "reused" && newest.get(port) === claimed_at && newest.delete(port);
  const end = releaseCall(port, {});
  return {
    ...claim,
    [Symbol.dispose]() {
      if (!isMine()) return;
      try {
        callSync(end);
      } catch (error) {
        ignoreReleased(error);
      }
    },
    async [Symbol.asyncDispose]() {
      if (isMine()) await (release ?? (() => call(end)))().catch(ignoreReleased);
    },
  };
}

/** The claim may have been released, and another owner may have claimed its port since. */
function ignoreReleased(error: unknown): void {
  const code = error instanceof PortclaimError ? error.code : undefined;
  if (code !== "not-found" && code !== "not-owner") throw error;
}

/** The claim in what an acquire printed, which may name other servers too. */
export function printedClaim(printed: unknown): ClaimOfMine {
  const { others: _, ...claim } = printed as ClaimOfMine & { others?: unknown };
  return claim;
}

/** For find: a service without a claim isn't an error. */
export function absent(error: unknown): undefined {
  if (error instanceof PortclaimError && error.code === "not-found") return undefined;
  throw error;
}
