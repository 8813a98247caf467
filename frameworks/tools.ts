import { bundlers } from "./tools/bundlers.ts";
import { nodeServers } from "./tools/node-servers.ts";
import { others } from "./tools/others.ts";
import { python } from "./tools/python.ts";
import type { Tool } from "./tools/tool.ts";
import { webFrameworks } from "./tools/web-frameworks.ts";

export type { Tool } from "./tools/tool.ts";

/** Every server that needs more than PORT. Any other command gets only PORT. */
export const tools: readonly Tool[] = [
  ...bundlers,
  ...webFrameworks,
  ...nodeServers,
  ...python,
  ...others,
];

/** `vite` for `/x/node_modules/.bin/vite`. */
export const baseName = (path: string) => path.slice(path.lastIndexOf("/") + 1);

const isProgramOf = (tool: Tool, program: string) =>
  (tool.programs ?? [tool.name]).includes(program);

/** The tool whose server a command line starts. `words` starts with the program. */
export function findTool(words: readonly string[]): Tool | undefined {
  const name = baseName(words[0] ?? "");
  const program = name.endsWith(".py") && !isKnownProgram(name) ? "*.py" : name;
  return tools.find((tool) => isProgramOf(tool, program) && startsServer(tool, words));
}

/** Whether a command is the program of any tool, regardless of its subcommand. */
export function isKnownProgram(command: string): boolean {
  return tools.some((tool) => isProgramOf(tool, baseName(command)));
}

/** The program of an npm package: "ng" for "@angular/cli". */
export function programOf(packageName: string): string {
  const tool = tools.find(({ packages }) => packages?.includes(packageName));
  return tool ? (tool.programs?.[0] ?? tool.name) : baseName(packageName);
}

function startsServer(tool: Tool, words: readonly string[]): boolean {
  const own = ownWords(words);
  if (own.includes("--help") || own.includes("--version")) return false;
  if (tool.needs !== undefined && !own.includes(tool.needs)) return false;
  if (!tool.serves) return true;
  const [first = "", second = ""] = operands(tool, own);
  if (tool.serves.includes(first) || tool.serves.includes(`${first} ${second}`)) return true;
  return tool.serves.includes("") && !own.some((word) => tool.idle?.includes(word));
}

/** The tool's own arguments: those before "--", without the program. */
export function ownWords(words: readonly string[]): readonly string[] {
  const end = words.indexOf("--");
  return words.slice(1, end < 0 ? undefined : end);
}

/** The arguments that are neither flags nor their values. */
export function operands(tool: Tool, own: readonly string[]): string[] {
  return own.filter((word, i) => !word.startsWith("-") && !tool.valued?.includes(own[i - 1] ?? ""));
}
