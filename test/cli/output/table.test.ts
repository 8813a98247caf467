import { describe, expect, test } from "bun:test";
import { printable } from "../../../cli/output/printable.ts";
import { table } from "../../../cli/output/table.ts";

test("each column is as wide as its widest cell, and no line ends in spaces", () => {
  expect(
    table(
      ["PORT", "NAME", "X"],
      [
        ["3000", "a", ""],
        ["1", "longer", "y"],
      ],
      { color: false },
    ),
  ).toBe("PORT  NAME    X\n3000  a\n1     longer  y\n");
});

test("width is what a terminal shows, not what JavaScript counts", () => {
  const text = table(
    ["NAME", "X"],
    [
      ["データ", "1"],
      ["🐢", "2"],
      ["e\u0301", "3"],
    ],
    { color: false },
  );
  const lines = text.trimEnd().split("\n").slice(1);
  expect(lines.map((line) => Bun.stringWidth(line.replace(/\d$/, "")))).toEqual([8, 8, 8]);
});

test("a state has its color, a heading is bold, and nothing else is touched", () => {
  expect(table(["STATE"], [["dead"], ["web"]], { color: true })).toBe(
    "\u001b[1mSTATE\u001b[0m\n\u001b[31mdead\u001b[0m\nweb\n",
  );
});

test.each(["constructor", "toString", "__proto__", "hasOwnProperty"])(
  "a service named %s is a name like any other",
  (name) => {
    expect(table(["NAME"], [[name]], { color: true })).toBe(`\u001b[1mNAME\u001b[0m\n${name}\n`);
  },
);

test.each([
  ["\u001b[2J", String.raw`\u{1b}[2J`],
  ["a\nb\tc\r", String.raw`a\u{a}b\u{9}c\u{d}`],
  ["\u0000\u007f\u009b", String.raw`\u{0}\u{7f}\u{9b}`],
  ["\u202egnp\u2066\u200f\u2028", String.raw`\u{202e}gnp\u{2066}\u{200f}\u{2028}`],
  ["żółw 🐢 👩‍👩‍👧", "żółw 🐢 👩‍👩‍👧"],
])("row 42: %j is shown as %s", (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test("row 42: a cell can't break out of its row", () => {
  expect(table(["A", "B"], [["x\ny", "\u001b[31m"]], { color: false }).split("\n")).toHaveLength(3);
});

describe("a table that is too wide", () => {
  const headings = ["PORT", "PROCESS", "PROJECT", "DIRECTORY"];
  const rows = [["3000", "python3 http.server (4711)", "shop", "~/work/customers/shop"]];
  const inColumns = (width: number, options = {}) =>
    table(headings, rows, { color: false, width, ...options }).split("\n")[1];

  test("is cut in its widest cells: a path at its start, a command before its pid", () => {
    expect(inColumns(65)).toBe("3000  python3 http.server (4711)  shop     ~/work/customers/shop");
    expect(inColumns(50)).toBe("3000  python3… (4711)   shop     …k/customers/shop");
    expect(inColumns(47)).toBe("3000  python3… (4711)  shop     …customers/shop");
  });

  test("loses redundant columns first, and spare ones if cutting isn't enough", () => {
    expect(inColumns(60, { redundant: ["PROJECT"] })).toBe(
      "3000  python3 http.server (4711)  ~/work/customers/shop",
    );
    expect(inColumns(30, { redundant: ["PROJECT"], spare: ["DIRECTORY"] })).toBe(
      "3000  python3 http.ser… (4711)",
    );
  });
});
