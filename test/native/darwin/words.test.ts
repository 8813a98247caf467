import { expect, test } from "bun:test";
import { parseWords } from "../../../native/darwin/words.ts";

/** What sysctl(3) returns for KERN_PROCARGS2: a count, the program, padding, arguments, variables. */
const procargs = (argv: string[], env: string[]) => {
  const texts = ["/bin/node", "", "", ...argv, ...env, "", "executable_path=/bin/node"];
  const bytes = new TextEncoder().encode(texts.map((text) => `${text}\0`).join(""));
  return Uint8Array.of(argv.length, 0, 0, 0, ...bytes);
};

const texts = (words: Uint8Array[]) => words.map((word) => new TextDecoder().decode(word));

test.each([
  [
    ["node", "a b.js", ""],
    ["PATH=/bin", "EMPTY=", "X=żółw"],
  ],
  [[], ["A=1"]],
  [["node"], []],
])("the arguments %j and the variables %j are read, and nothing else", (argv, env) => {
  const words = parseWords(procargs(argv, env));
  expect([texts(words.arguments), texts(words.environment)]).toEqual([argv, env]);
});

test("a record that is cut short or empty ends the variables", () => {
  expect(parseWords(new Uint8Array(0))).toEqual({ arguments: [], environment: [] });
  const cut = procargs(["node"], ["A=1", "B=22"]).subarray(0, -29);
  expect(texts(parseWords(cut).environment)).toEqual(["A=1", "B=2"]);
});
