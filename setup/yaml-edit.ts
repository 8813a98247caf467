import { isMap, isNode, isSeq, type Node, stringify, type YAMLMap } from "yaml";

/** How the lines of a text end. */
export const newlineOf = (text: string) => (text.includes("\r\n") ? "\r\n" : "\n");
/** Where the line of an offset starts. */
export const lineStart = (text: string, at: number) => text.lastIndexOf("\n", at - 1) + 1;

/** Where it ends, its newline not included. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

/** Where the last thing in a node ends; the range of a block includes what comes after it. */
export function lastOffset(node: Node): number {
  let last: unknown;
  if (isMap(node) && !node.flow) last = node.items.at(-1)?.value ?? node.items.at(-1)?.key;
  if (isSeq(node) && !node.flow) last = node.items.at(-1);
  return isNode(last) ? lastOffset(last) : (node.range?.[1] ?? 0);
}

/** The text with a value at the end of a block. */
export function addPair(text: string, object: YAMLMap, path: string[], value: unknown): string {
  if (object.flow) return text;
  const start = object.range?.[0] ?? 0;
  const margin = " ".repeat(start - lineStart(text, start));
  const nested = path.reduceRight((inner, key) => ({ [key]: inner }), value);
  const lines = stringify(nested, { lineWidth: 0 }).trimEnd().split("\n");
  const at = lineEnd(text, lastOffset(object));
  const newline = newlineOf(text);
  // A line ends with "\r\n" or "\n": ours goes in before that.
  const head = text.slice(0, at).replace(/\r$/, "");
  return head + lines.map((line) => newline + margin + line).join("") + text.slice(head.length);
}

/** The text with another value in the place of one. */
export function setValue(text: string, old: Node, value: unknown): string {
  const start = old.range?.[0] ?? 0;
  return text.slice(0, start) + render(text, old, value) + text.slice(lastOffset(old));
}

/** A value in the style of the one that it replaces. */
function render(text: string, old: Node, value: unknown): string {
  if (!Array.isArray(value)) return stringify(value, { lineWidth: 0 }).trimEnd();
  if (!isSeq(old) || old.flow) return JSON.stringify(value);
  const start = old.range?.[0] ?? 0;
  const margin = newlineOf(text) + text.slice(lineStart(text, start), start);
  return value.map((one) => `- ${stringify(one, { lineWidth: 0 }).trimEnd()}`).join(margin);
}
