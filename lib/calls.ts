import { checkRequest } from "../registry/allocate/acquire-request.ts";
import { validateDirectory } from "../registry/model/directory.ts";
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

/** The command of an acquire. Its values are checked here, as only their text reaches the program. */
export function acquireCall(service: string, { cwd, ...options }: AcquireOptions): Call {
  checked(() => checkRequest({ services: [service], cwd: cwd ?? "/", ...options }));
  return { args: ["acquire", "--json", MINE, ...flags({ service, ...options })], cwd };
}

export function findCall(service: string, { cwd, ...options }: FindOptions): Call {
  if (cwd !== undefined) checked(() => validateDirectory(cwd));
  return { args: ["find", "--json", ...flags({ service, ...options })], cwd };
}

export function listCall({ project, service, agent }: ListFilter): Call {
  return { args: ["list", "--json", ...flags({ project, service, agent })] };
}

export function releaseCall(target: ReleaseTarget, { cwd, force }: ReleaseOptions): Call {
  if (cwd !== undefined) checked(() => validateDirectory(cwd));
  const named = typeof target === "number" ? [String(target)] : flags(target);
  return { args: ["release", "--json", MINE, ...flags({ force }), ...named], cwd };
}

function checked(check: () => unknown): void {
  try {
    check();
  } catch (error) {
    throw toPortclaimError(error);
  }
}

type ClaimOfMine = Omit<HeldClaim, typeof Symbol.dispose | typeof Symbol.asyncDispose>;

/** The newest claim that this process got, by port: only that is released at the end of a scope. */
const newest = new Map<number, string>();

/** Adds the end of its scope to a claim. `release` is for where that needs no other process. */
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

/** For find: a service without a claim isn't an error. */
export function absent(error: unknown): undefined {
  if (error instanceof PortclaimError && error.code === "not-found") return undefined;
  throw error;
}
