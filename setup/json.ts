import {
  applyEdits,
  type Edit,
  findNodeAtLocation,
  getNodeValue,
  modify,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { lineEnd, lineStart, Malformed, NAME, newlineOf, type Syntax } from "./format.ts";

/** JSON, with comments and trailing commas where a file has them. */
export const json: Syntax = {
  parse(text) {
    const root = tree(text);
    return root && getNodeValue(root);
  },
  write: (data) => `${JSON.stringify(data, null, 2)}\n`,
  add: (text, { key }, entry) => set(text, [key, NAME], entry),
  update: (text, { key }, path, value) => set(text, [key, NAME, ...path], value),
  remove: (text, { key }) => removeAt(text, [key, NAME]),
};

function tree(text: string): Node | undefined {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first === undefined || text.replace(/\/\/.*|\/\*[^]*?\*\//g, "").trim() === "") return root;
  const words = printParseErrorCode(first.error).replace(/(?<=[a-z])(?=[A-Z])/g, " ");
  throw new Malformed(words.toLowerCase(), text.slice(0, first.offset).split("\n").length);
}

function set(text: string, path: string[], value: unknown): string {
  const root = tree(text) as Node;
  const at = (depth: number) => findNodeAtLocation(root, path.slice(0, depth));
  const depth = path.findLastIndex((_, index) => at(index)?.type === "object");
  const [name = "", ...rest] = path.slice(depth);
  const nested = rest.reduceRight((inner, key) => ({ [key]: inner }), value);
  const edits = at(depth + 1)
    ? modify(text, path.slice(0, depth + 1), nested, {})
    : insert(text, at(depth) as Node, name, nested);
  return applyEdits(text, edits);
}

/** The rest of a property's line: an optional comma, and comments. */
const TAIL = /((?:[^\S\n]|\/\*[^]*?\*\/)*)(,?)(?:[^\S\r\n]*(?:\/\*[^]*?\*\/|\/\/[^\r\n]*))*/y;

function tailOf(text: string, { offset, length }: Node) {
  TAIL.lastIndex = offset + length;
  const [all = "", blanks = "", comma = ""] = TAIL.exec(text) ?? [];
  const start = offset + length;
  const end = start + all.trimEnd().length;
  const isLineEnd = text.slice(end, lineEnd(text, end)).trim() === "";
  return { end, isLineEnd, comma: comma === "" ? undefined : start + blanks.length };
}

const isLineStart = (text: string, at: number) => text.slice(lineStart(text, at), at).trim() === "";

/** The edits that add a property. Those of `modify` put it between a property and its comment. */
function insert(text: string, object: Node, key: string, value: unknown): Edit[] {
  const newline = newlineOf(text);
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ";
  const write = (margin: string) => {
    const lines = JSON.stringify(value, null, indent).replaceAll("\n", newline + margin);
    return `${newline}${margin}${JSON.stringify(key)}: ${lines}`;
  };
  const inLine = `${JSON.stringify(key)}: ${JSON.stringify(value, null, 1).replace(/\n */g, " ")}`;
  const marginAt = (at: number) => /^[ \t]*/.exec(text.slice(lineStart(text, at)))?.[0] ?? "";
  const end = object.offset + object.length - 1;
  const inside = text.slice(object.offset + 1, end);
  const last = object.children?.at(-1);
  if (last === undefined) {
    const offset = object.offset + 1 + inside.trimEnd().length;
    const outer = marginAt(object.offset);
    if (!text.trim().includes("\n") && text.trim() !== "{}") {
      return [{ offset, length: end - offset, content: ` ${inLine} ` }];
    }
    const close = inside.includes("\n") ? "" : newline + outer;
    return [{ offset, length: close ? end - offset : 0, content: write(outer + indent) + close }];
  }
  const offset = last.offset + last.length;
  const tail = tailOf(text, last);
  const hasLine = inside.includes("\n") && tail.isLineEnd;
  if (!hasLine) return [{ offset, length: 0, content: `, ${inLine}` }];
  const content = write(marginAt(last.offset));
  if (tail.comma !== undefined) return [{ offset: tail.end, length: 0, content: `${content},` }];
  const comma = { offset, length: 0, content: "," };
  return [comma, { offset: tail.end, length: 0, content }];
}

/** The text without a property and its line. `modify` would remove the comments around it too. */
function removeAt(text: string, path: string[]): string {
  const property = findNodeAtLocation(tree(text) as Node, path)?.parent as Node;
  const object = property.parent as Node;
  const all = object.children ?? [];
  const index = all.indexOf(property);
  const inside = { offset: object.offset + 1, length: object.length - 2, content: "" };
  const own = text.slice(property.offset, property.offset + property.length);
  if (text.substr(inside.offset, inside.length).trim() === own) return applyEdits(text, [inside]);
  const tail = tailOf(text, property);
  const isLast = index === all.length - 1;
  const hasLine = isLineStart(text, property.offset) && tail.isLineEnd;
  if (!hasLine || (!isLast && tail.comma === undefined)) {
    return applyEdits(text, modify(text, path, undefined, {}));
  }
  const offset = lineStart(text, property.offset);
  const line = { offset, length: lineEnd(text, tail.end) + 1 - offset, content: "" };
  const before = all[index - 1];
  const comma = isLast && !tail.comma && before ? tailOf(text, before).comma : undefined;
  if (comma === undefined) return applyEdits(text, [line]);
  return applyEdits(text, [{ offset: comma, length: 1, content: "" }, line]);
}
