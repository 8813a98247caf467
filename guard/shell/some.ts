import { type Field, UNKNOWN } from "./field.ts";

/** A text stays known only if there is nothing to choose from. */
export const oneWord = (field: Field): Field =>
  field.kind === "text" && /\S\s+\S/.test(field.text) ? UNKNOWN : field;

/** At least one of the lines, of which nothing else is known. */
export function someOf(field: Field): Field {
  if (field.kind === "pids") return { ...field, some: true, heading: false };
  return field.kind === "text" ? oneWord(field) : UNKNOWN;
}
