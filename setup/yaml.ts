import {
  isMap,
  isNode,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  stringify,
  type YAMLSeq,
} from "yaml";
import {
  type Data,
  type Format,
  Malformed,
  NAME,
  objectAt,
  type Server,
  serverIn,
  updated,
  valuesOf,
} from "./format.ts";
import { addPair, lastOffset, lineEnd, lineStart, newlineOf, setValue } from "./yaml-edit.ts";

const KEY = "mcpServers";

/** The key of the list, when what follows it has been cut off. */
const LAST_KEY = /(\bmcpServers["']?[ \t]*:)(?![^]*\bmcpServers["']?[ \t]*:)/;

/**
 * YAML with a list of servers under `mcpServers`, each with its name.
 * @param head what a file needs besides
 */
export function yaml(head: Data): Format {
  const whole = (server: Server) => `${stringify(head)}${KEY}:\n${item(server, "  ", "\n")}`;
  const entriesIn = (data: unknown) => objectAt(data)[KEY] as unknown[];
  return {
    whole,
    parse: (text) => dataOf(read(text).toJS() ?? {}),
    find: (data) => serverIn(entriesIn(data).find(isOurs)),
    put(data, server) {
      const entries = entriesIn(data);
      const known = Object.keys(objectAt(data)).length > 1 || entries.length > 0;
      const changed = entries.map((one) => (isOurs(one) ? updated(one as Data, server) : one));
      const all = entries.some(isOurs) ? changed : [...entries, { name: NAME, ...server }];
      return { ...(known ? objectAt(data) : head), [KEY]: all };
    },
    drop: (data) => ({ ...objectAt(data), [KEY]: entriesIn(data).filter((one) => !isOurs(one)) }),
    add(text, server) {
      const root = read(text).contents;
      if (root === null)
        return text.trim() === "" ? whole(server) : `${text.trimEnd()}\n${whole(server)}`;
      const list = isMap(root) ? root.get(KEY, true) : undefined;
      if (!isSeq<Node>(list) || list.items.length === 0) return begin(text, list, server);
      if (!list.items.some(isOursNode)) return addItem(text, list, server);
      return valuesOf(server).reduce((now, [path, value]) => set(now, path, value), text);
    },
    remove(text) {
      const root = read(text).contents;
      const list = isMap(root) ? root.get(KEY, true) : undefined;
      const ours = isSeq<Node>(list) && !list.flow ? list.items.find(isOursNode) : undefined;
      if (!ours?.range) return text;
      const start = lineStart(text, ours.range[0]);
      const rest = text.slice(lineEnd(text, lastOffset(ours)) + 1);
      // Left without a value the key would be null, which is no list to Continue.
      const last = isSeq(list) && list.items.length === 1;
      return (last ? text.slice(0, start).replace(LAST_KEY, "$1 []") : text.slice(0, start)) + rest;
    },
  };
}

const isOurs = (entry: unknown) => (entry as Data | null)?.["name"] === NAME;
const isOursNode = (entry: Node) => isMap(entry) && entry.get("name") === NAME;

/** A list that is missing or left empty is one without servers. */
function dataOf(data: unknown): Data {
  const list = objectAt(data)[KEY] ?? [];
  if (Array.isArray(list)) return { ...objectAt(data), [KEY]: list };
  throw new Malformed(`${KEY} is not a list`);
}

function read(text: string) {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error === undefined) return document;
  const [first = ""] = error.message.split(/ at line \d|\n|; please/);
  throw new Malformed(first, error.linePos?.[0].line);
}

function item(server: Server, margin: string, newline: string): string {
  const lines = stringify([{ name: NAME, ...server }], { lineWidth: 0 })
    .trimEnd()
    .split("\n");
  return lines.map((line) => `${margin}${line}${newline}`).join("");
}

/** The text with a first server: the list is missing, empty, or nothing but its key. */
function begin(text: string, list: unknown, server: Server): string {
  const newline = newlineOf(text);
  const lines = item(server, "  ", newline);
  if (list === undefined) {
    const apart = text.endsWith("\n") ? "" : newline;
    return `${text}${apart}${KEY}:${newline}${lines}`;
  }
  const [start, end] = (list as Node).range ?? [0, 0];
  const key = text.slice(0, start).trimEnd();
  const at = lineEnd(text, end);
  const rest = text.slice(end, at).trimEnd();
  return `${key}${rest}${newline}${lines}${text.slice(at + 1)}`;
}

function addItem(text: string, list: YAMLSeq<Node>, server: Server): string {
  const newline = newlineOf(text);
  const last = list.items.at(-1) as Node;
  if (list.flow) {
    const at = last.range?.[1] ?? 0;
    return `${text.slice(0, at)}, ${JSON.stringify({ name: NAME, ...server })}${text.slice(at)}`;
  }
  const start = last.range?.[0] ?? 0;
  const margin = /^ */.exec(text.slice(lineStart(text, start)))?.[0] ?? "";
  const at = lineEnd(text, lastOffset(last));
  const apart = text.slice(at, at + 1) === "\n" ? "\n" : newline;
  return text.slice(0, at) + apart + item(server, margin, newline) + text.slice(at + 1);
}

/** The text with one value of ours set; the same text where there is no block to put it into. */
function set(text: string, path: string[], value: unknown): string {
  const root = read(text).contents;
  const list = isMap(root) ? root.get(KEY, true) : undefined;
  let object: unknown = isSeq<Node>(list) ? list.items.find(isOursNode) : undefined;
  for (const [index, key] of path.entries()) {
    const old = isMap(object) ? object.get(key, true) : undefined;
    const isEnd = index === path.length - 1;
    if (isNode(old) && isEnd) {
      return setValue(text, old, value);
    }
    if (!isNode(old)) return isMap(object) ? addPair(text, object, path.slice(index), value) : text;
    object = old;
  }
  return text;
}
