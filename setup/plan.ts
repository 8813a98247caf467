import { addServer, type Edited, removeServer } from "./edit.ts";
import { SetupError } from "./error.ts";
import { readText, removeFile, writeText } from "./file.ts";
import { type Format, Malformed, type Server } from "./format.ts";

/** A planned change to one file. */
export interface Plan {
  path: string;
  change: Edited["change"];
  /** Its text when the plan was made; `undefined` if it didn't exist. */
  before: string | undefined;
  /** Its new text; `undefined` to remove the file. */
  after: string | undefined;
}

/** A file from which an agent reads its servers. */
export interface Target {
  path: string;
  format: Format;
}

/** Plans a file with the server in it. Throws a SetupError for one that can't be edited. */
export function planToAdd({ path, format }: Target, server: Server): Plan {
  return plan(path, (before) => addServer(format, before ?? "", server));
}

/** Takes the server out of a text. */
export const withoutServer =
  (format: Format) =>
  (before: string | undefined): Edited =>
    before === undefined ? { change: "none", text: before } : removeServer(format, before);

/** Plans a file without the server. Throws a SetupError for one that can't be edited. */
export function planToRemove({ path, format }: Target): Plan {
  return plan(path, withoutServer(format));
}

/** Plans any edit of a file. A Malformed that the edit throws becomes a SetupError. */
export function plan(path: string, edit: (before: string | undefined) => Edited): Plan {
  try {
    const before = readText(path);
    const { change, text } = edit(before);
    return { path, change, before, after: text };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const where = error.line === undefined ? path : `${path}:${error.line}`;
    throw new SetupError("unreadable", `${where}: ${error.message}`);
  }
}

/** Plans another edit of a file, on top of a plan. */
export function planAfter(
  { path, change, before, after }: Plan,
  edit: (text: string | undefined) => Edited,
): Plan {
  const next = plan(path, () => edit(after));
  return { path, before, after: next.after, change: next.change === "none" ? change : next.change };
}

/** Writes what was planned. Throws a SetupError if the file has changed since, or a SystemError. */
export function apply({ path, change, before, after }: Plan, isPrivate: boolean): void {
  if (change === "none") return;
  if (readText(path) !== before) {
    throw new SetupError("busy", `${path} was changed by another program`);
  }
  if (after === undefined) removeFile(path);
  else writeText(path, after, isPrivate);
}
