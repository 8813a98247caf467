/** How a file of JSON is laid out. */
export interface Layout {
  newline: string;
  /** One level of indentation; empty for a file that is all on one line. */
  indent: string;
}

export function layoutOf(text: string): Layout {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const indent = /\n([ \t]+)\S/.exec(text)?.[1];
  const oneLine = !/^\s*(\{\s*\}\s*)?$/.test(text) && !text.trim().includes("\n");
  return { newline, indent: indent ?? (oneLine ? "" : "  ") };
}

/** A value as JSON, lists on one line; all lines but the first are indented by `margin`. */
export function render(value: unknown, layout: Layout, margin: string): string {
  if (Array.isArray(value)) return `[${value.map((one) => JSON.stringify(one)).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const { newline, indent } = layout;
  const inner = margin + indent;
  const members = Object.entries(value).map(
    ([key, one]) => `${JSON.stringify(key)}: ${render(one, layout, inner)}`,
  );
  if (indent === "") return `{ ${members.join(", ")} }`;
  return `{${newline}${inner}${members.join(`,${newline}${inner}`)}${newline}${margin}}`;
}

/** The blanks that the line of an offset starts with. */
export function marginAt(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? "";
}
