import { Refusal } from "./errors.ts";

/** The most characters that a name may have. */
export const LONGEST = 128;

// C0 and C1 controls, and what reorders or hides text on a terminal.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]/u;

/** Throws unless a name of a service, project or agent is 1–128 printable characters, no "/". */
export function checkName(kind: "service" | "project" | "agent", name: string): string {
  const problem = problemOf(name);
  if (problem === undefined) return name;
  throw new Refusal(`Cannot use ${JSON.stringify(name.slice(0, 200))} as ${kind}: ${problem}`, {
    code: "invalid",
    what: kind,
  });
}

function problemOf(name: string): string | undefined {
  if (name.trim() === "") return "it is empty";
  if ([...name].length > LONGEST) return `it is longer than ${LONGEST} characters`;
  if (UNPRINTABLE.test(name)) return "it holds characters that can't be printed";
  if (name.includes("/")) return 'it holds a "/"';
  return undefined;
}

/** A directory's base name as a project's name: what a name may not hold becomes "-". */
export function projectOf(directory: string): string {
  const base = directory.split("/").findLast((part) => part !== "") ?? "";
  const name = [...base.replace(new RegExp(UNPRINTABLE, "gu"), "-")].slice(0, LONGEST).join("");
  return name.trim() === "" ? "root" : name;
}
