import type { Condition, Matching, Target, Test } from "./consequences.ts";

/** What a line of output shows of a process; "unknown": more than the guard can tell. */
export type Line =
  | Extract<
      Matching["by"],
      "id" | "id and name" | "id and short name" | "id and arguments" | "user, id and arguments"
    >
  | "unknown";

/** How lines with process ids look. */
export interface Layout {
  line: Line;
  /** The column with the id, from 1, where it is known; 0 if there is none. */
  column?: number;
  /** The names of the columns, as `ps -o` has them, where they are known. */
  names?: string[];
  /** Whether a heading comes first. */
  heading?: boolean;
  /** They are printed only where all of these hold. */
  where?: Condition[];
}

/** Process ids. `some`: of these only some. */
export type Pids = { kind: "pids"; target: Target; some?: boolean } & Layout;

/** `tests`: what has selected among the lines already; `column`: as in Layout. */
export type Sockets = { kind: "sockets"; tests: Test[]; line: Line; column?: number };

/** A word of a command line, or one of its output, as far as it can be told without running anything. */
export type Field =
  | { kind: "text"; text: string }
  | Pids
  /** The lines of `ps` before anything has selected some of them; `tests`: what was left out. */
  | ({ kind: "processes"; tests: Test[] } & Layout)
  /** The lines of `ss`, `netstat` or `lsof` before anything has selected some of them. */
  | Sockets
  | { kind: "unknown" };

export const UNKNOWN: Field = { kind: "unknown" };

export const text = (value: string): Field => ({ kind: "text", text: value });

export const pids = (target: Target, layout: Layout = { line: "id", column: 1 }): Pids => ({
  kind: "pids",
  target,
  ...layout,
});

/** The texts among fields. */
export function textsOf(fields: readonly Field[]): string[] {
  return fields.flatMap((field) => (field.kind === "text" ? [field.text] : []));
}

export const textOf = (field: Field | undefined): string | undefined =>
  field?.kind === "text" ? field.text : undefined;

/** The text of fields that are all known. */
export const textIn = (fields: readonly Field[], between: string) =>
  fields.every(({ kind }) => kind === "text") ? textsOf(fields).join(between) : undefined;

/** The lines of texts; ids stay as they are. */
export const linesOf = (fields: readonly Field[]): Field[] =>
  fields.flatMap((field) =>
    field.kind === "text" ? field.text.split("\n").filter(Boolean).map(text) : [field],
  );

/** Splits texts at white space, as the shell splits an unquoted expansion. */
export function split(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) =>
    field.kind === "text" ? field.text.split(/\s+/).filter(Boolean).map(text) : [field],
  );
}

/** A text stays known only if there is nothing to choose from. */
export const oneWord = (field: Field): Field =>
  field.kind === "text" && /\S\s+\S/.test(field.text) ? UNKNOWN : field;

/** At least one of the lines, of which nothing else is known. */
export function someOf(field: Field): Field {
  if (field.kind === "pids") return { ...field, some: true, heading: false };
  return field.kind === "text" ? oneWord(field) : UNKNOWN;
}

/** A program's name without its directory. */
export function nameOf(field: Field | undefined): string {
  return field?.kind === "text" ? field.text.slice(field.text.lastIndexOf("/") + 1) : "";
}
