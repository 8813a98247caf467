import type { Data, Format, Server } from "./format.ts";
import { differences, entryIn, Malformed, merged, NAME, newlineOf, othersIn } from "./format.ts";

export interface Edited {
  change: "added" | "updated" | "removed" | "none";
  /** The new text; `undefined` for a file that is no longer needed. */
  text: string | undefined;
}

/** The text with the server in it. Throws Malformed. */
export function addServer(format: Format, file: string, server: Server): Edited {
  const [mark, text] = cutMark(file);
  const data = format.syntax.parse(text);
  const old = entryIn(data ?? {}, format);
  const start = format.start(server, old);
  const changes = old && differences(old, start);
  if (changes?.length === 0) return { change: "none", text: file };
  const entry = old ? merged(old, start) : { ...format.defaults, ...start };
  const edit = () => {
    if (data === undefined) return below(text, whole(format, entry));
    if (!changes) return format.syntax.add(text, format, entry);
    return changes.reduce((now, change) => format.syntax.update(now, format, ...change), text);
  };
  const after = checked(format, data ?? format.head ?? {}, edit(), entry);
  return { change: old ? "updated" : "added", text: mark + after };
}

/** The text without the server. Throws Malformed. */
export function removeServer(format: Format, file: string): Edited {
  const [mark, text] = cutMark(file);
  const data = format.syntax.parse(text) ?? {};
  const old = entryIn(data, format);
  if (old === undefined) return { change: "none", text: file };
  const after = checked(format, data, format.syntax.remove(text, format), undefined);
  const rest = format.syntax.remove(whole(format, old), format);
  const isEmpty = after.replace(/\s/g, "") === rest.replace(/\s/g, "");
  return { change: "removed", text: isEmpty ? undefined : mark + after };
}

/** A file that holds nothing but the server. */
export const newFile = (format: Format, server: Server) =>
  whole(format, { ...format.defaults, ...format.start(server) });

function whole({ syntax, key, isList, head }: Format, entry: Data): string {
  return syntax.write({ ...head, [key]: isList ? [entry] : { [NAME]: entry } });
}

/** Splits off a byte order mark, which the parsers don't accept. */
function cutMark(file: string): [mark: string, text: string] {
  return file.startsWith("\ufeff") ? ["\ufeff", file.slice(1)] : ["", file];
}

function below(comments: string, text: string): string {
  const above = comments.trim() === "" ? "" : `${comments.trimEnd()}\n`;
  return `${above}${text}`.replace(/\r?\n/g, newlineOf(comments));
}

/** Returns the edited text after checking that it parses to the expected data. */
function checked(format: Format, before: unknown, after: string, entry?: Data): string {
  let data: unknown;
  try {
    data = format.syntax.parse(after) ?? {};
    if (
      Bun.deepEquals(entryIn(data, format), entry) &&
      Bun.deepEquals(othersIn(data, format), othersIn(before, format))
    ) {
      return after;
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
  }
  throw new Malformed("cannot be edited without changing other settings");
}
