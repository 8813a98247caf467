import { isCollection, isMap, isPair, isScalar, LineCounter, type Node } from "yaml";
import { parseDocument, stringify } from "yaml";
import type { Spot, Syntax } from "./format.ts";
import { lineEnd, lineStart, Malformed, NAME, newlineOf } from "./format.ts";

/**
 * YAML. A Document would reformat the whole file. Here it only writes the server's entry, and tells
 * where the others are.
 */
export const yaml: Syntax = {
  parse: (text) => read(text).toJS() ?? undefined,
  write: show,
  add(text, spot, entry) {
    const newline = newlineOf(text);
    const added = spot.isList ? [entry] : { [NAME]: entry };
    const lines = (margin: string) =>
      show(added)
        .replace(/^(?=.)/gm, margin)
        .replaceAll("\n", newline);
    const found = find(text, spot);
    if (found === undefined) {
      const end = text.endsWith("\n") ? "" : newline;
      return text + end + spot.key + ":" + newline + lines("  ");
    }
    const last = found.items.at(-1);
    if (last === undefined) {
      const end = lineEnd(text, found.end);
      const head = text.slice(0, found.colon) + text.slice(found.end, end).trimEnd();
      return head + newline + lines("  ") + text.slice(end + 1);
    }
    if (found.isFlow) {
      const json = JSON.stringify(added).slice(1, -1);
      return `${text.slice(0, last.end)}, ${json}${text.slice(last.end)}`;
    }
    const margin = /^ */.exec(text.slice(lineStart(text, last.start)))?.[0] ?? "";
    const tail = text.slice(last.end + newline.length);
    return text.slice(0, last.end) + newline + lines(margin) + tail;
  },
  update(text, spot, path, value) {
    const item = find(text, spot)?.items.find(({ name }) => name === NAME);
    if (!isMap(item?.node)) return text;
    const [start] = item.node.range ?? [0];
    const margin = " ".repeat(start - lineStart(text, start));
    const own = parseDocument(text.slice(start, item.end).replaceAll(`\n${margin}`, "\n"));
    try {
      // Setting a scalar keeps its comment; replacing its node doesn't.
      own.setIn(path, typeof value === "object" ? own.createNode(value) : value);
      const block = () => own.toString({ lineWidth: 0 }).trimEnd();
      const lines = item.node.flow ? JSON.stringify(own) : block();
      const shown = lines.replaceAll("\n", newlineOf(text) + margin);
      return text.slice(0, start) + shown + text.slice(item.end);
    } catch {
      // An alias of an anchor outside of the entry: the unchanged text is refused.
      return text;
    }
  },
  remove(text, spot) {
    const found = find(text, spot);
    const item = found?.items.find(({ name }) => name === NAME);
    if (!found || !item || found.isFlow) return text;
    const start = lineStart(text, item.start);
    // Without a value the key would be null, which is neither a list nor an object.
    const empty = found.items.length > 1 ? "" : spot.isList ? " []" : " {}";
    const head = text.slice(0, found.colon) + empty + text.slice(found.colon, start);
    return head + text.slice(item.end + newlineOf(text).length);
  },
};

function show(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}

function read(text: string) {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error === undefined) return document;
  const [first = ""] = error.message.split(/ at line \d|\n|; please/);
  throw new Malformed(first.charAt(0).toLowerCase() + first.slice(1), error.linePos?.[0].line);
}

interface Item {
  name: unknown;
  node: unknown;
  start: number;
  end: number;
}

/** The servers of a file: where their key's colon and their value end, and where each of them is. */
function find(text: string, { key }: Spot) {
  const root = read(text).contents;
  const pairs = isMap<Node, Node | null>(root) ? root.items : [];
  const pair = pairs.find((one) => isScalar(one.key) && one.key.value === key);
  if (pair === undefined) return undefined;
  const { value } = pair;
  const colon = text.indexOf(":", pair.key.range?.[1]) + 1;
  const isFlow = isCollection(value) && value.flow === true;
  const items = isCollection(value) ? value.items : [];
  return {
    colon,
    end: value?.range?.[1] ?? colon,
    isFlow,
    items: items.map((item): Item => {
      const [first, node] = isPair<Node, Node>(item) ? [item.key, item.value] : [item, item];
      const name = isPair(item)
        ? (item.key as { value?: unknown }).value
        : isMap(item) && item.get("name");
      return {
        name,
        node,
        start: (first as Node).range?.[0] ?? 0,
        end: endOf(text, node as Node, isFlow),
      };
    }),
  };
}

/** Where the line of a node's last value ends; for a node in flow style, where the node itself ends. */
function endOf(text: string, node: Node, isFlow: boolean): number {
  if (isFlow) return node.range?.[1] ?? 0;
  const last = lastOffset(node);
  const end = text[last - 1] === "\n" ? last - 1 : lineEnd(text, last);
  return text[end - 1] === "\r" ? end - 1 : end;
}

/** Where the last value in a node ends. The range of a block extends to the next one. */
function lastOffset(node: Node): number {
  const last: unknown = isCollection(node) && !node.flow ? node.items.at(-1) : undefined;
  if (isPair<Node, Node>(last)) return lastOffset(last.value ?? last.key);
  return last ? lastOffset(last as Node) : (node.range?.[1] ?? 0);
}
