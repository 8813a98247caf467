import { type Format, isAsWanted, Malformed, type Server } from "./format.ts";

/** What became of a file's text. */
export interface Merged {
  change: "added" | "updated" | "removed" | "none";
  text: string;
}

/** The text with the server in it. Throws Malformed for one that can't be read or safely edited. */
export function merge(format: Format, text: string, server: Server): Merged {
  const data = format.parse(text);
  const old = format.find(data);
  if (old && isAsWanted(old, server)) return { change: "none", text };
  const after = format.add(text, server);
  check(format, after, format.put(data, server));
  return { change: old ? "updated" : "added", text: after };
}

/** The text without the server. Throws Malformed likewise. */
export function unmerge(format: Format, text: string): Merged {
  const data = format.parse(text);
  if (format.find(data) === undefined) return { change: "none", text };
  const after = format.remove(text);
  check(format, after, format.drop(data));
  return { change: "removed", text: after };
}

/** The last word: an edit that means anything but what was meant is never written. */
function check(format: Format, after: string, meant: unknown): void {
  let means: unknown;
  try {
    means = format.parse(after);
  } catch {
    means = undefined;
  }
  if (Bun.deepEquals(means, meant)) return;
  throw new Malformed("its layout is one that can't be edited safely");
}
