import { expect, test } from "bun:test";
import { parseEnvironment } from "../../../native/darwin/environment.ts";

/** What sysctl(3) returns for KERN_PROCARGS2: a count, the program, padding, arguments, variables. */
const procargs = (argv: string[], env: string[]) => {
  const texts = ["/bin/node", "", "", ...argv, ...env, "", "executable_path=/bin/node"];
  const bytes = new TextEncoder().encode(texts.map((text) => `${text}\0`).join(""));
  return Uint8Array.of(argv.length, 0, 0, 0, ...bytes);
};

test.each([
  [
    ["node", "a b.js", ""],
    ["PATH=/bin", "EMPTY=", "X=żółw"],
  ],
  [[], ["A=1"]],
  [["node"], []],
])("with the arguments %j the variables are %j, and nothing else", (argv, env) => {
  expect(parseEnvironment(procargs(argv, env))).toEqual(env);
});

test("a record that is cut short or empty ends the variables", () => {
  expect(parseEnvironment(new Uint8Array(0))).toEqual([]);
  const cut = procargs(["node"], ["A=1", "B=22"]).subarray(0, -29);
  expect(parseEnvironment(cut)).toEqual(["A=1", "B=2"]);
});
