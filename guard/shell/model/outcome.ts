import type { Condition, Target } from "./consequences.ts";
import { type Field, UNKNOWN } from "./field.ts";

/** What is known of a command's exit status. */
export interface Outcome {
  /** "either": it has ended something, or tried to. "open": it depends on what isn't known. */
  status: "success" | "failure" | "either" | "open";
  /** It is so only where all of these hold. */
  where: Condition[];
}

export const SUCCESS: Outcome = { status: "success", where: [] };
export const FAILURE: Outcome = { status: "failure", where: [] };
export const EITHER: Outcome = { status: "either", where: [] };
export const OPEN: Outcome = { status: "open", where: [] };

/** Of `exit 1`, `return 0`. */
export const exitOutcome = (status: Field): Outcome => {
  if (status.kind !== "text" || !/^\d+$/.test(status.text)) return OPEN;
  return Number(status.text) === 0 ? SUCCESS : FAILURE;
};

export function negated({ status, where }: Outcome): Outcome {
  if (status === "success") return { status: "failure", where };
  return { status: status === "failure" ? "success" : status, where };
}

/** Success where the processes of these fields are there; `undefined` if they are of none. */
export function found(fields: readonly Field[]): Outcome | undefined {
  return ifThere(fields.flatMap((field) => (field.kind === "pids" ? [field.target] : [])));
}

export const ifThere = (targets: Target[]): Outcome | undefined =>
  targets.length > 0 ? { status: "success", where: [{ targets, there: true }] } : undefined;

/**
 * The conditions under which what depends on an outcome is reached: none if it certainly is. "open" if
 * that isn't known.
 */
export function conditionsOf(
  { status, where }: Outcome,
  wanted: boolean,
): Condition[] | "open" | "never" {
  if (status === "open") return "open";
  if (status !== (wanted ? "failure" : "success")) return where;
  const [only, ...others] = where;
  return only && others.length === 0 ? [opposite(only)] : "never";
}

/** What a field that is printed under conditions is without them. */
export function underConditions(field: Field, conditions: Condition[] | "open"): Field {
  if (conditions === "open") return UNKNOWN;
  if (conditions.length === 0) return field;
  if (field.kind !== "pids") return UNKNOWN;
  return { ...field, where: [...(field.where ?? []), ...conditions] };
}

export const opposite = ({ targets, there }: Condition): Condition => ({ targets, there: !there });

export function both(outcomes: readonly Outcome[]): Outcome {
  const failed = outcomes.find(({ status }) => status === "failure");
  if (failed) return failed;
  if (outcomes.some(({ status }) => status !== "success")) return OPEN;
  return { status: "success", where: outcomes.flatMap(({ where }) => where) };
}
