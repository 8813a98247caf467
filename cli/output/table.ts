/** Text as it may be shown on a terminal: control characters are spelled out. */
export function printable(text: string): string {
  // Control characters would let a claim's text control the terminal.
  const controls = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029]/gu;
  return text.replace(controls, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

const colors = (): Record<string, string> => ({
  starting: "36",
  listening: "32",
  idle: "33",
  orphaned: "35",
  dead: "31",
  unknown: "90",
  unclaimed: "90",
});

const width = (text: string) => Bun.stringWidth(text);

/** Rows under headings, each column as wide as its widest cell; what stands under STATE gets its colour. */
export function table(headings: string[], rows: string[][], color: boolean): string {
  const cells = [headings, ...rows.map((row) => row.map(printable))];
  const widths = headings.map((_, i) => Math.max(...cells.map((row) => width(row[i] ?? ""))));
  const codes = colors();
  const line = (row: string[], isHeading: boolean) =>
    row
      .map((cell, i) => {
        const pad = i === row.length - 1 ? "" : " ".repeat((widths[i] ?? 0) - width(cell));
        const code = isHeading ? "1" : headings[i] === "STATE" && codes[cell];
        return color && code ? `\u001b[${code}m${cell}\u001b[0m${pad}` : cell + pad;
      })
      .join("  ")
      .trimEnd();
  return cells.map((row, i) => `${line(row, i === 0)}\n`).join("");
}
