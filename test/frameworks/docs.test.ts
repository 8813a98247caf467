import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Tool, tools } from "../../frameworks/tools.ts";
import { ROOT } from "../harness.ts";

/** A row of the table in docs/frameworks.md. */
function row(tool: Tool): string {
  const { name, readsPort, add, again, variables = [], usual, given, position } = tool;
  const parts = [...variables.map((one) => `${one}=N`), ...(add ? [add] : [])];
  const code = parts.map((part) => `\`${part.replace("{port}", "N")}\``);
  const told = [...(readsPort ? ["PORT"] : []), ...code].join(", ") || "`'{port}'` in its command";
  const spellings = position ? "a bare word" : given.map((one) => `\`${one}\``).join(" ");
  const notes = [
    again === undefined && (given.length > 0 || position) ? "refused" : "",
    tool.moves ? "may move" : "",
    tool.onePerDirectory ? "one per directory" : "",
  ].filter(Boolean);
  const cells = [name, told, usual ?? "", spellings, notes.join(", ")];
  return `| ${cells.join(" | ")} |`.replaceAll("|  |", "| |").replaceAll("|  |", "| |");
}

test("docs/frameworks.md has the table of tools", () => {
  const text = readFileSync(join(ROOT, "docs/frameworks.md"), "utf8");
  expect(text.split("\n").filter((line) => /^\| (?!server|---)/.test(line))).toEqual([
    ...new Set(tools.map(row)),
  ]);
});
