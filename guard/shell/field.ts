import type { Matching, Target, Test } from "../target.ts";

/** What a line of output shows of a process. */
export type Line = Extract<Matching["by"], "id" | "id and name" | "id and arguments">;

/** A word of a command line, or one of its output, as far as it can be told without running anything. */
export type Field =
  | { kind: "text"; text: string }
  /** Process ids. `some`: of these only some. `line`: what their lines show; "id" where it isn't given. */
  | { kind: "pids"; target: Target; some?: boolean; line?: Line }
  /** The lines of `ps` before anything has selected some of them; `tests`: what was left out. */
  | { kind: "processes"; line: Line; tests: Test[] }
  /** The lines of `ss`, `netstat` or `lsof` before anything has selected some of them. */
  | { kind: "sockets" }
  | { kind: "unknown" };

export const UNKNOWN: Field = { kind: "unknown" };

export const text = (value: string): Field => ({ kind: "text", text: value });

export const pids = (target: Target, line: Line = "id"): Field => ({ kind: "pids", target, line });

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
