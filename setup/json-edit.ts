import type { Node } from "jsonc-parser";
import { layoutOf, marginAt, render } from "./json-layout.ts";

// The edits of jsonc-parser itself move comments to the wrong property, and drop some.

const endOf = ({ offset, length }: Node) => offset + length;

/** The property of an object with this name. */
export function propertyOf(object: Node | undefined, key: string): Node | undefined {
  return object?.children?.findLast((child) => child.children?.[0]?.value === key);
}

const BEHIND = /([ \t]+|\/\/[^\r\n]*|\/\*[^]*?\*\/)|(\r?\n)|,/y;

/** What follows a property: its comma, wherever that is, and where its line ends. */
function behind(text: string, offset: number): { comma?: number; lineEnd?: number } {
  const found: { comma?: number; lineEnd?: number } = {};
  BEHIND.lastIndex = offset;
  for (let at = offset, next; (next = BEHIND.exec(text)); at = BEHIND.lastIndex) {
    const [, blank, newline] = next;
    if (newline !== undefined) found.lineEnd ??= at;
    else if (blank === undefined && found.comma !== undefined) break;
    else if (blank === undefined) found.comma = at;
  }
  return found;
}

/** The text with a property added at the end of an object. */
export function addProperty(text: string, object: Node, key: string, value: unknown): string {
  const layout = layoutOf(text);
  const write = (indent: string, margin: string) =>
    `${JSON.stringify(key)}: ${render(value, { ...layout, indent }, margin)}`;
  const open = object.offset + 1;
  const close = endOf(object) - 1;
  const last = object.children?.at(-1);
  if (last === undefined) {
    const outer = marginAt(text, object.offset);
    const margin = outer + layout.indent;
    const [start, end] = layout.indent
      ? [layout.newline + margin, layout.newline + outer]
      : ["", ""];
    const comments = text.slice(open, close).trimEnd();
    return (
      text.slice(0, open) +
      comments +
      start +
      write(layout.indent, margin) +
      end +
      text.slice(close)
    );
  }
  const end = endOf(last);
  if (!text.slice(open, close).includes("\n")) {
    return `${text.slice(0, end)}, ${write("", "")}${text.slice(end)}`;
  }
  const { comma, lineEnd } = behind(text, end);
  const margin = marginAt(text, last.offset);
  // Behind the comments on the last property's line, which are about that one.
  const at = Math.max(lineEnd ?? end, (comma ?? -1) + 1);
  const head =
    comma === undefined ? `${text.slice(0, end)},${text.slice(end, at)}` : text.slice(0, at);
  const line = layout.newline + margin + write(layout.indent, margin);
  return head + line + (comma === undefined ? "" : ",") + text.slice(at);
}

/** The text with another value for a property. */
export function setValue(text: string, property: Node, value: unknown): string {
  const old = property.children?.[1];
  if (old === undefined) return text;
  const margin = marginAt(text, property.offset);
  return text.slice(0, old.offset) + render(value, layoutOf(text), margin) + text.slice(endOf(old));
}

function isEmptyWithout(text: string, object: Node, property: Node): boolean {
  const before = text.slice(object.offset + 1, property.offset);
  return before.trim() === "" && text.slice(endOf(property), endOf(object) - 1).trim() === "";
}

/** The text without a property of an object; a comment behind it on its line goes with it. */
export function removeProperty(text: string, object: Node, property: Node): string {
  const all = object.children ?? [];
  const index = all.indexOf(property);
  const isAlone = all.length === 1 && isEmptyWithout(text, object, property);
  if (isAlone) return `${text.slice(0, object.offset)}{}${text.slice(endOf(object))}`;
  const isLast = index === all.length - 1;
  const before = all[index - 1];
  const apart = before && behind(text, endOf(before)).comma;
  const end = endOf(property);
  const { comma, lineEnd } = behind(text, end);
  const lineStart = text.lastIndexOf("\n", property.offset - 1) + 1;
  const hasLine =
    lineEnd !== undefined &&
    (comma ?? end) <= lineEnd &&
    lineStart > object.offset &&
    text.slice(lineStart, property.offset).trim() === "";
  if (hasLine) {
    const rest = text.slice(text.indexOf("\n", lineEnd) + 1);
    const head = text.slice(0, lineStart);
    if (!isLast || comma !== undefined || apart === undefined) return head + rest;
    return head.slice(0, apart) + head.slice(apart + 1) + rest;
  }
  if (isLast) return text.slice(0, apart ?? property.offset) + text.slice(end);
  const next = all[index + 1]?.offset ?? end;
  return text.slice(0, property.offset) + text.slice(next);
}
