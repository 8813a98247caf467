import { RegistryError } from "../errors/errors.ts";

/** Characters. */
export const MAX_NAME_LENGTH = 128;

/** Throws a RegistryError ("invalid") unless a name is 1–128 printable characters without "/". */
export function validateName(kind: "service" | "project" | "agent", name: string): string {
  const problem = problemOf(name);
  if (problem === undefined) return name;
  const shown = JSON.stringify(String(name).slice(0, 200));
  throw new RegistryError(`invalid ${kind} ${shown}: ${problem}`, { code: "invalid", what: kind });
}

function problemOf(name: string): string | undefined {
  // A JavaScript program may pass anything to the library.
  if (typeof name !== "string") return "it is not a string";
  if (name.trim() === "") return "it is empty";
  if ([...name].length > MAX_NAME_LENGTH) return `it is longer than ${MAX_NAME_LENGTH} characters`;
  if (withoutUnprintable(name) !== name) return "it contains unprintable characters";
  if (name.includes("/")) return 'it contains a "/"';
  return undefined;
}

/** A directory's base name as a project name, with "-" in place of invalid characters. */
export function projectName(directory: string): string {
  let end = directory.length;
  while (directory[end - 1] === "/") end--;
  const base = directory.slice(directory.lastIndexOf("/", end - 1) + 1, end);
  const name = withoutUnprintable(base);
  if (name.trim() === "") return "root";
  return name.length > MAX_NAME_LENGTH ? [...name].slice(0, MAX_NAME_LENGTH).join("") : name;
}

/** Replaces control characters, and characters that reorder or hide text, with "-". */
function withoutUnprintable(text: string): string {
  if (isPlain(text)) return text;
  return text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]/gu,
    "-",
  );
}

/** Whether a text is printable ASCII, as nearly all names are. startup: compiling a regular expression costs 0.1 ms. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}
