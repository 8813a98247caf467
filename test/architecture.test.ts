import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { circles, strayImports, strayWords, tooLong } from "./arrows.ts";
import { importsOf, type Source } from "./imports.ts";

const root = dirname(import.meta.dir);

function project(): Source[] {
  const files = new Bun.Glob(
    "{native,registry,frameworks,guard,cli,setup,mcp,ui,lib,scripts,test}/**/*.{ts,tsx}",
  );
  const paths = [...files.scanSync(root)].map((path) => path.replaceAll("\\", "/")).toSorted();
  return paths.map((path) => ({ path, text: readFileSync(`${root}/${path}`, "utf8") }));
}

describe("the project", () => {
  const sources = project();

  test("is there", () => expect(sources.length).toBeGreaterThan(3));
  test("has no forbidden import", () => expect(strayImports(sources)).toEqual([]));
  test("has no circle of imports", () => expect(circles(sources)).toEqual([]));
  test("prints and exits only at its edges", () => expect(strayWords(sources)).toEqual([]));
  test("has no file that is too long", () => expect(tooLong(sources)).toEqual([]));
});

const file = (path: string, text: string): Source => ({ path, text });
const from = (path: string, specifier: string) => file(path, `import { x } from "${specifier}";`);

describe("imports are read", () => {
  const cases: [text: string, how: string, specifier: string | undefined][] = [
    ['import { a, type B } from "./x.ts"', "static", "./x.ts"],
    ["import a, * as b from './x.ts'", "static", "./x.ts"],
    ['import {\n  a,\n  b,\n} from "./x.ts"', "static", "./x.ts"],
    ['import{a}from"./x.ts"', "static", "./x.ts"],
    ['import "./x.ts"', "static", "./x.ts"],
    ['import type from "./x.ts"', "static", "./x.ts"],
    ['import page from "./x.html" with { type: "text" }', "static", "./x.html"],
    ['export * from "./x.ts"', "static", "./x.ts"],
    ['export { a } from "./x.ts"', "static", "./x.ts"],
    ['import type { A } from "./x.ts"', "type", "./x.ts"],
    ['import type A from "./x.ts"', "type", "./x.ts"],
    ['export type { A } from "./x.ts"', "type", "./x.ts"],
    ['const a = await import("./x.ts")', "dynamic", "./x.ts"],
    ["const a = import(\n  './x.ts'\n)", "dynamic", "./x.ts"],
    ['type A = import("./x.ts").A', "dynamic", "./x.ts"],
    ['const a = require("./x.ts")', "dynamic", "./x.ts"],
    ["const a = import(name)", "dynamic", undefined],
    ['const quote = /["\'`]/;\nimport "./x.ts"', "static", "./x.ts"],
    ['const url = "https://example.com"; import "./x.ts"', "static", "./x.ts"],
  ];
  test.each(cases)("%j", (text, how, specifier) => {
    const found = importsOf(file("a/b.ts", text));
    expect(found.map((one) => [one.how, one.specifier])).toEqual([[how, specifier] as never]);
  });

  test.each([
    '// import "./x.ts"',
    '/* import "./x.ts" */',
    "const a = 'import \"./x.ts\"'",
    'const a = `import "./x.ts"`',
    'export const a = "x"; const from = "y"',
    'thing.import("./x.ts")',
    "import.meta.dir",
  ])("none in %j", (text) => {
    expect(importsOf(file("a/b.ts", text))).toEqual([]);
  });
});

describe("an import is refused", () => {
  const cases: [Source, message: string][] = [
    [from("native/a.ts", "../registry/b.ts"), "climbs: native imports from nothing"],
    [from("registry/a.ts", "../cli/b.ts"), "climbs: registry imports from native"],
    [from("registry/a.ts", "../mcp/b.ts"), "climbs"],
    [from("registry/deep/a.ts", "../../ui/b.ts"), "climbs"],
    [from("registry/store/a.ts", "../query/b.ts"), "climbs: registry/query is not below"],
    [from("registry/watch/a.ts", "../maintain/b.ts"), "climbs: registry/maintain is not below"],
    [file("registry/model/a.ts", 'import type { X } from "../config/b.ts"'), "climbs"],
    [from("guard/shell/model/a.ts", "../finders/b.ts"), "guard/shell/finders is not below"],
    [from("guard/shell/filters/a.ts", "../finders/b.ts"), "guard/shell/finders is not below"],
    [from("guard/shell/language/a.ts", "../interpreter.ts"), "guard/shell/ is not below"],
    [from("guard/shell/evaluate.ts", "../judge.ts"), "climbs: out of guard/shell"],
    [from("mcp/a.ts", "../cli/b.ts"), "climbs"],
    [from("mcp/a.ts", "../ui/b.ts"), "climbs"],
    [from("mcp/tools/a.ts", "../../cli/b.ts"), "climbs"],
    [from("ui/a.ts", "../cli/b.ts"), "climbs"],
    [from("ui/a.ts", "../mcp/b.ts"), "climbs"],
    [from("ui/server/a.ts", "../../setup/b.ts"), "climbs"],
    [from("cli/a.ts", "../test/harness.ts"), "climbs"],
    [file("registry/a.ts", 'import type { X } from "../cli/b.ts"'), "climbs"],
    [file("registry/a.ts", 'export { x } from "../cli/b.ts"'), "climbs"],
    [file("registry/a.ts", 'await import("../cli/b.ts")'), "climbs"],
    [from("cli/main.ts", "../mcp/server.ts"), "is not lazy"],
    [from("cli/commands/http.ts", "../../ui/server/server.ts"), "is not lazy"],
    [file("cli/main.ts", 'export * from "../ui/server/server.ts"'), "is not lazy"],
    [
      from("frameworks/tools.ts", "../native/posix/exec.ts"),
      "climbs: frameworks imports from nothing",
    ],
    [from("native/linux/a.ts", "../darwin/b.ts"), "is of native/darwin, another system"],
    [from("native/posix/port.ts", "bun:ffi"), "belongs to native/posix/libc.ts alone"],
    [from("registry/a.ts", "bun:ffi"), "belongs to native/posix/libc.ts alone"],
    [from("ui/page/app.tsx", "node:fs"), "is not for the browser"],
    [from("ui/page/app.tsx", "preactive"), "is not for the browser"],
    [from("ui/page/app.tsx", "../server.ts"), "is not for the browser"],
    [from("ui/page/app.tsx", "../../registry/store.ts"), "is not for the browser"],
    [from("registry/model/claim.ts", "./errors.ts"), "imports nothing"],
    [from("registry/model/claim.ts", "node:path"), "imports nothing"],
    [from("registry/a.ts", "./b"), "lacks its file's extension"],
    [file("cli/main.ts", "await import(`./commands/${name}.ts`)"), "computed"],
    [file("cli/main.ts", "await import(name)"), "computed"],
  ];
  test.each(cases)("%j", (source, message) => {
    const [only, ...others] = strayImports([source]);
    expect(only).toStartWith(`${source.path}: import of `);
    expect(only).toContain(message);
    expect(others).toEqual([]);
  });
});

test("an import that points downward is allowed", () => {
  const falling = [
    from("cli/main.ts", "../registry/acquire.ts"),
    from("cli/main.ts", "../native/posix/exec.ts"),
    from("cli/main.ts", "../package.json"),
    file("cli/main.ts", 'import type { Server } from "../mcp/server.ts"'),
    file("cli/main.ts", 'const { serve } = await import("../ui/server/server.ts")'),
    from("mcp/server.ts", "@modelcontextprotocol/sdk/server/mcp.js"),
    from("mcp/server.ts", "../registry/find.ts"),
    from("ui/server/server.ts", "../registry/list.ts"),
    from("ui/server/server.ts", "./page/index.html"),
    from("ui/page/app.tsx", "preact/hooks"),
    from("ui/page/app.tsx", "./row.tsx"),
    from("ui/page/app.tsx", "../../registry/model/claim.ts"),
    from("registry/store/claims.ts", "../../native/files.ts"),
    from("registry/allocate/acquire.ts", "../maintain/reconcile.ts"),
    from("registry/store/claims.ts", "./codec.ts"),
    from("guard/judge.ts", "./shell/evaluate.ts"),
    from("guard/shell/evaluate.ts", "./interpreter.ts"),
    from("guard/shell/interpreter.ts", "./language/flow.ts"),
    from("guard/shell/killers/pkill.ts", "../finders/pgrep.ts"),
    from("native/posix/libc.ts", "bun:ffi"),
    from("test/cli/main.test.ts", "../../native/libc.ts"),
  ];
  expect(strayImports(falling)).toEqual([]);
});

test("circles are found, through types and lazy imports too", () => {
  const planted = [
    from("a/1.ts", "./2.ts"),
    file("a/2.ts", 'import type { X } from "../b/3.ts"'),
    file("b/3.ts", 'const x = () => import("../a/1.ts")'),
    from("a/4.ts", "./1.ts"),
    from("a/5.ts", "./5.ts"),
  ];
  expect(circles(planted)).toEqual(["a/1.ts → a/2.ts → b/3.ts → a/1.ts", "a/5.ts → a/5.ts"]);
  expect(circles(planted.slice(0, 2))).toEqual([]);
});

test("words in the wrong place are found, with their line", () => {
  const cases: [path: string, code: string, word: string][] = [
    ["registry/a.ts", "console.log(1)", "console."],
    ["registry/a.ts", "const [, , name] = process.argv", "process.argv"],
    ["registry/a.ts", "process.stdout.write(text)", "process.stdout"],
    ["native/a.ts", "process.stderr.write(text)", "process.stderr"],
    ["native/posix/a.ts", 'if (process.platform === "darwin") f();', "process.platform"],
    ["registry/a.ts", "process.exit(1)", "process.exit"],
    ["cli/output.ts", "process.exit(1)", "process.exit"],
    ["mcp/server.ts", "stdin.on('end', process.exit)", "process.exit"],
  ];
  for (const [path, code, word] of cases) {
    const [only, ...others] = strayWords([file(path, `// why\n${code}\n`)]);
    expect(only).toStartWith(`${path}:2: ${word}: only `);
    expect(others).toEqual([]);
  }
});

test("words in their place, in comments and in strings are left alone", () => {
  const fine = [
    file("cli/main.ts", "process.exit(code)"),
    file("cli/output.ts", "process.stdout.isTTY; process.exitCode = 1"),
    file("scripts/check.ts", "console.log(1); process.exit(1)"),
    file("registry/a.ts", '// console.log\nconst hint = "process.exit(1)"; /* process.argv */'),
  ];
  expect(strayWords(fine)).toEqual([]);
});

test("a file of more than 250 lines is found, unless it is a test", () => {
  const text = "x;\n".repeat(251);
  expect(tooLong([file("cli/a.ts", text)])).toEqual(["cli/a.ts: 251 lines, 250 at most"]);
  expect(tooLong([file("test/harness.ts", text)])).toHaveLength(1);
  expect(tooLong([file("cli/a.ts", "x;\n".repeat(250)), file("test/a.test.ts", text)])).toEqual([]);
});
