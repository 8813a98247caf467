import type { Target } from "../target.ts";
import type { Field } from "./field.ts";

/** What is known of a command's exit status. */
export interface Outcome {
  /** "either": it has ended something, or tried to. "open": it depends on what isn't known. */
  status: "success" | "failure" | "either" | "open";
  /** It is so only where at least one process of each list is there. */
  where: Target[][];
}

export const SUCCESS: Outcome = { status: "success", where: [] };
export const FAILURE: Outcome = { status: "failure", where: [] };
export const EITHER: Outcome = { status: "either", where: [] };
export const OPEN: Outcome = { status: "open", where: [] };

export function negated({ status, where }: Outcome): Outcome {
  if (status === "success") return { status: "failure", where };
  return { status: status === "failure" ? "success" : status, where };
}

/** Success where the processes of these fields are there; `undefined` if they are of none. */
export function found(fields: readonly Field[]): Outcome | undefined {
  const targets = fields.flatMap((field) => (field.kind === "pids" ? [field.target] : []));
  return targets.length > 0 ? { status: "success", where: [targets] } : undefined;
}

export function both(outcomes: readonly Outcome[]): Outcome {
  const failed = outcomes.find(({ status }) => status === "failure");
  if (failed) return failed;
  if (outcomes.some(({ status }) => status !== "success")) return OPEN;
  return { status: "success", where: outcomes.flatMap(({ where }) => where) };
}
