import { applyEdits, modify, parse, type ParseError, printParseErrorCode } from "jsonc-parser";
import type { Edited } from "./edit.ts";
import { Malformed } from "./format.ts";

/** Puts a hook that runs the command `guard` into a file, or takes it out. Throws Malformed. */
export type EditHook = (before: string | undefined, guard: string, remove: boolean) => Edited;

type Data = Record<string, unknown>;

/** An entry of a hooks file: the path of its list, and what is in it. */
interface Entry {
  path: string[];
  value: unknown;
}

/** A file of portclaim's own. */
export function ownFile(write: (guard: string) => string): EditHook {
  return (before, guard, remove) => {
    if (remove) return { change: before === undefined ? "none" : "removed", text: undefined };
    const text = write(guard);
    if (text === before) return { change: "none", text };
    return { change: before === undefined ? "added" : "updated", text };
  };
}

/** Entries of a JSON file that has others too. An entry is portclaim's if it calls the guard. */
export function byJson(entries: (guard: string) => Entry[], head: Data = {}): EditHook {
  return (before, guard, remove) => {
    const wanted = entries(guard);
    let text = before === undefined || before.trim() === "" ? "{}\n" : before;
    const data = read(text);
    const isThere = wanted.every(({ path, value }) =>
      listAt(data, path).some((one) => Bun.deepEquals(one, value)),
    );
    const had = wanted.some(({ path }) => listAt(data, path).some(isOurs));
    if (remove ? !had : isThere) return { change: "none", text: before };
    for (const { path } of wanted) text = withoutOurs(text, path);
    if (remove) return { change: "removed", text: isEmpty(read(text), head) ? undefined : text };
    for (const [key, value] of Object.entries(head)) {
      if (!(key in read(text))) text = edited(text, [key], value);
    }
    for (const { path, value } of wanted) text = withEntry(text, path, value);
    return { change: had ? "updated" : "added", text };
  };
}

const isOurs = (entry: unknown) => /\bportclaim'? guard /.test(JSON.stringify(entry) ?? "");

function read(text: string): Data {
  const errors: ParseError[] = [];
  const data: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) {
    const line = text.slice(0, first.offset).split("\n").length;
    throw new Malformed(printParseErrorCode(first.error), line);
  }
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new Malformed("expected an object", 1);
  }
  return data as Data;
}

function listAt(data: Data, path: readonly string[]): unknown[] {
  let at: unknown = data;
  for (const key of path) at = (at as Data | undefined)?.[key];
  if (at !== undefined && !Array.isArray(at))
    throw new Malformed(`${path.join(".")} is not a list`);
  return at ?? [];
}

const edited = (
  text: string,
  path: (string | number)[],
  value: unknown,
  isArrayInsertion = false,
) =>
  applyEdits(
    text,
    modify(text, path, value, {
      isArrayInsertion,
      formattingOptions: { insertSpaces: true, tabSize: 2 },
    }),
  );

function withEntry(text: string, path: string[], value: unknown): string {
  const count = listAt(read(text), path).length;
  if (count === 0) return edited(text, path, [value]);
  return edited(text, [...path, count], value, true);
}

/** Removes portclaim's entries, and what they leave empty. */
function withoutOurs(text: string, path: string[]): string {
  const list = listAt(read(text), path);
  let after = text;
  for (let i = list.length - 1; i >= 0; i--) {
    if (isOurs(list[i])) after = edited(after, [...path, i], undefined);
  }
  if (list.length === 0 || listAt(read(after), path).length > 0) return after;
  after = edited(after, path, undefined);
  const [parent = ""] = path;
  const rest = read(after)[parent];
  return rest !== undefined && Object.keys(rest as Data).length === 0
    ? edited(after, [parent], undefined)
    : after;
}

const isEmpty = (data: Data, head: Data) =>
  Object.keys(data).every((key) => Object.hasOwn(head, key));
