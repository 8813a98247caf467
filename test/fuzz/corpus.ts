import * as fc from "fast-check";

const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

/** Texts that have broken programs before, by what they are taken for. */
const UNPRINTABLE = [
  "",
  " ",
  "\t\n",
  "\0",
  "a\0b",
  "\u001b[2J",
  "\u202etxt.exe",
  "\ufeff",
  "\u2028",
];
const PATHS = "../../etc/passwd / . .. ~ a/b %00 %2e%2e%2f C:\\ // - --";
const PROPERTIES = "__proto__ constructor prototype toString hasOwnProperty valueOf then";
const NUMBERS = "null undefined NaN Infinity -0 0x1F90 1e3 3000.0 0 -1 65535 65536 1e400 00080";
const LARGE = "2147483648 9007199254740993 99999999999999999999d";
const DIGITS = ["\u0663\u0660\u0660\u0660", "\uff13\uff10\uff10\uff10", "9".repeat(400)];
const DURATIONS = "10m 0s -5s 1h30m ms 5 1.5.5s";
const JSON_LIKE = `{} [] " ' {"port":3000} ${deep(10)} ${deep(3000)} ${"{".repeat(500)} \\ \\u0000`;
const CODE = [
  "$(id)",
  "`id`",
  "; id",
  "| id",
  "<script>alert(1)</script>",
  "'--",
  "a\r\nCookie: b",
];
const LONG = [
  "x".repeat(129),
  "x".repeat(70_000),
  "\u00e9".repeat(128),
  "\ud83d\udc69\u200d".repeat(60),
];

export const NASTY_TEXTS: readonly string[] = [
  ...[UNPRINTABLE, DIGITS, CODE, LONG, ["\ud800"]].flat(),
  ...[PATHS, PROPERTIES, NUMBERS, LARGE, DURATIONS, JSON_LIKE].flatMap((line) => line.split(" ")),
];

/** Values of every kind that JSON knows, and some that only look like what is asked for. */
const SCALARS: readonly unknown[] = [null, true, false, 0, -0, 1, -1, 3000.5, 65_536, 2 ** 31];
const ODD_NUMBERS: readonly unknown[] = [2 ** 53 + 2, 1e308, -1e-7];
const OBJECTS: readonly unknown[] = [[], {}, [null], { toString: null }, { "": "" }, { length: 1 }];
const NASTY_VALUES: readonly unknown[] = [...SCALARS, ...ODD_NUMBERS, ...OBJECTS, [[[[[[]]]]]]];

export const nastyText = fc.oneof(
  fc.constantFrom(...NASTY_TEXTS),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }),
);

export const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...NASTY_VALUES),
  nastyText,
  fc.jsonValue({ maxDepth: 4 }),
);

/** A text with something cut out, doubled, or put in between. */
export function damaged(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const damage = fc.record({
    text: texts,
    at: fc.nat(9999),
    size: fc.nat(30),
    insert: nastyText,
    how: fc.constantFrom("cut", "double", "insert", "truncate"),
  });
  return damage.map(({ text, at, size, insert, how }) => {
    const from = text.length === 0 ? 0 : at % text.length;
    const [head, middle] = [text.slice(0, from), text.slice(from, from + size)];
    const tail = text.slice(from + size);
    if (how === "truncate") return head;
    if (how === "cut") return head + tail;
    return head + middle + (how === "double" ? middle : insert) + tail;
  });
}
