import type { Target } from "../target.ts";

/** A word of a command line, or one of its output, as far as it can be told without running anything. */
export type Field =
  | { kind: "text"; text: string }
  /** Process ids. `some`: of these only some. */
  | { kind: "pids"; target: Target; some?: boolean }
  /** The lines of `ps`, `ss` or `netstat`, before anything has selected some of them. */
  | { kind: "lines"; of: "processes" | "sockets" }
  | { kind: "unknown" };

export const UNKNOWN: Field = { kind: "unknown" };

export const text = (value: string): Field => ({ kind: "text", text: value });

export const pids = (target: Target): Field => ({ kind: "pids", target });

/** The texts among fields. */
export function textsOf(fields: readonly Field[]): string[] {
  return fields.flatMap((field) => (field.kind === "text" ? [field.text] : []));
}

/** Splits texts at white space, as the shell splits an unquoted expansion. */
export function split(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) =>
    field.kind === "text" ? field.text.split(/\s+/).filter(Boolean).map(text) : [field],
  );
}
