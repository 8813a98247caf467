import { type Claim, isPort, type Owner } from "../model/claim.ts";

/** Bytes. portclaim's own claim files have a few hundred. */
export const MAX_CLAIM_SIZE = 64 * 1024;

/** Characters. A shorter text can't be nested too deeply. */
const SHORT = 4096;
/** A claim has three levels. JSON.stringify overflows the stack after thousands. */
const MAX_DEPTH = 64;

const MAX_PID = 2 ** 31 - 1;

/** Parses the text of `<port>.json`. Returns the claim, or what is wrong with the text. */
export function decodeClaim(text: string, port: number): Claim | string {
  if (text.length > MAX_CLAIM_SIZE) return `larger than ${MAX_CLAIM_SIZE} bytes`;
  if (text.length > SHORT && depthOf(text) > MAX_DEPTH) return "nested too deeply";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text.trim() === "" ? "empty" : "not JSON";
  }
  if (!isObject(value)) return "not a JSON object";
  return problemOf(value, port) ?? (value as unknown as Claim);
}

/** The deepest nesting of brackets. Also counts those in strings, which errs on the safe side. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const char of text) {
    if (char === "[" || char === "{") deepest = Math.max(deepest, ++depth);
    else if (char === "]" || char === "}") depth--;
  }
  return deepest;
}

function problemOf(value: Record<string, unknown>, port: number): string | undefined {
  const { pid, agent, project, service, claimed_at, lease, cwd, root, repository, owner } = value;
  const { reserved } = value;
  if (!isPort(value["port"])) return "its port is not a number from 1 to 65535";
  if (value["port"] !== port)
    return `its port is ${value["port"]}, but the file is named ${port}.json`;
  if (!isPid(pid)) return "its pid is not a process id";
  if (agent !== null && typeof agent !== "string") return "its agent is not a string or null";
  if (typeof project !== "string") return "its project is not a string";
  if (typeof service !== "string") return "its service is not a string";
  if (typeof claimed_at !== "string" || Number.isNaN(Date.parse(claimed_at))) {
    return "its claimed_at is not a time";
  }
  if (lease !== "ephemeral" && lease !== "persistent")
    return "its lease is neither ephemeral nor persistent";
  if (cwd !== undefined && typeof cwd !== "string") return "its cwd is not a string";
  if (root !== undefined && typeof root !== "string") return "its root is not a string";
  if (repository !== undefined && typeof repository !== "string") {
    return "its repository is not a string";
  }
  if (reserved !== undefined && typeof reserved !== "boolean") {
    return "its reserved is not true or false";
  }
  if (owner !== undefined && !isOwner(owner)) return "its owner is malformed";
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Excludes 0 and negative numbers, which kill(2) treats as process groups. */
function isPid(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value <= MAX_PID && value % 1 === 0;
}

function isOwner(value: unknown): value is Owner {
  if (!isObject(value)) return false;
  const { command, start, boot, pidns, netns, host, group, throwaway, shell, serves, at, asked } =
    value;
  const { mark, session } = value;
  return (
    typeof command === "string" &&
    (typeof start === "string" || start === null) &&
    (typeof boot === "string" || boot === null) &&
    (typeof pidns === "string" || pidns === null) &&
    (typeof netns === "string" || netns === null) &&
    (typeof host === "string" || host === null) &&
    (group === undefined || isPid(group)) &&
    (throwaway === undefined || typeof throwaway === "boolean") &&
    (serves === undefined || typeof serves === "boolean") &&
    (shell === undefined ||
      (isObject(shell) && isPid(shell["pid"]) && typeof shell["start"] === "string")) &&
    (mark === undefined || typeof mark === "string") &&
    (session === undefined || typeof session === "string") &&
    typeof at === "string" &&
    Number.isFinite(Number(at)) &&
    (asked === undefined || Number.isFinite(asked))
  );
}

/** The text of a claim file, indented for people. */
export function encodeClaim(claim: Claim): string {
  return `${JSON.stringify(claim, null, 2)}\n`;
}

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

// Preserves the digits of numbers that JavaScript would round.
const exactly: Reviver = (_key, value, context) =>
  typeof value === "number" && context?.source !== undefined && String(value) !== context.source
    ? (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(context.source)
    : value;

/** Fields of a claim to change. Those that are `undefined`, in `owner` too, are removed. */
export type ClaimPatch = Partial<Omit<Claim, "owner" | "reserved">> & {
  reserved?: true | undefined;
  owner?: { [field in keyof Owner]?: Owner[field] | undefined };
};

/** Changes fields in a claim file's text. Keeps all others, including unknown ones. */
export function patchClaim(text: string, changes: ClaimPatch): string {
  const before = JSON.parse(text, exactly as (key: string, value: unknown) => unknown) as Claim;
  const owner = changes.owner && { owner: { ...before.owner, ...changes.owner } };
  return encodeClaim({ ...before, ...changes, ...owner } as Claim);
}
