import { UsageError } from "../cli/command.ts";
import type { Target } from "./agent.ts";
import { readText, removeFile, writeText } from "./file.ts";
import { Malformed, type Server } from "./format.ts";
import { type Merged, merge, unmerge } from "./merge.ts";

/** What becomes of one file. */
export interface Plan {
  path: string;
  change: Merged["change"];
  /** What it held when that was worked out; nothing if there was none. */
  before: string | undefined;
  /** What it is to hold; nothing if it is to go. */
  after: string | undefined;
}

/** Works out a file with the server in it. Throws a UsageError that says which line is wrong. */
export function planToAdd({ path, format }: Target, server: Server): Plan {
  const before = readText(path);
  const hint = "mend it, or add by hand what --print shows";
  const { change, text } = legibly(path, hint, () => merge(format, before ?? "", server));
  return { path, change, before, after: text };
}

/** Works out a file without the server; one that held nothing else is to go. */
export function planToRemove({ path, format }: Target, server: Server): Plan {
  const before = readText(path);
  if (before === undefined) return { path, change: "none", before, after: before };
  const hint = "mend it, or take the server out by hand";
  const { change, text } = legibly(path, hint, () => unmerge(format, before));
  const rest = unmerge(format, format.whole(server)).text;
  const isOurs = change === "removed" && withoutBlanks(text) === withoutBlanks(rest);
  return { path, change, before, after: isOurs ? undefined : text };
}

const withoutBlanks = (text: string) => text.replace(/\s/g, "");

function legibly<T>(path: string, hint: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const where = error.line === undefined ? path : `${path}:${error.line}`;
    throw new UsageError(`Cannot change ${where}: ${error.message}`, hint);
  }
}

/** Does what was planned. Throws a UsageError if somebody wrote to the file since. */
export function carryOut({ path, change, before, after }: Plan, isPrivate: boolean): void {
  if (change === "none") return;
  if (readText(path) !== before) {
    throw new UsageError(`Cannot change ${path}: another program is writing to it`, "try again");
  }
  if (after === undefined) removeFile(path);
  else writeText(path, after, isPrivate);
}
