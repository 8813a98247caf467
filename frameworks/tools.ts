import { javascript } from "./tools/javascript.ts";
import { others } from "./tools/others.ts";
import { python } from "./tools/python.ts";
import type { Tool } from "./tools/tool.ts";

export type { Tool } from "./tools/tool.ts";

/** Every server that is told its port in a way of its own; what isn't here gets PORT alone. */
export const tools: readonly Tool[] = [...javascript, ...python, ...others];

/** `vite` of `/x/node_modules/.bin/vite`. */
export const baseName = (path: string) => path.slice(path.lastIndexOf("/") + 1);

const isProgramOf = (tool: Tool, program: string) =>
  (tool.programs ?? [tool.name]).includes(program);

/** The tool that a command line starts a server with; `words` begins with its program. */
export function findTool(words: readonly string[]): Tool | undefined {
  const name = baseName(words[0] ?? "");
  const program = name.endsWith(".py") && !isKnownProgram(name) ? "*.py" : name;
  return tools.find((tool) => isProgramOf(tool, program) && startsServer(tool, words));
}

/** Whether any tool has this program: "vite" has, whatever subcommand follows. */
export function isKnownProgram(command: string): boolean {
  return tools.some((tool) => isProgramOf(tool, baseName(command)));
}

/** The program of an npm package: "ng" of "@angular/cli". */
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

/** What the tool reads as its own: the words up to "--", without the program. */
export function ownWords(words: readonly string[]): readonly string[] {
  const end = words.indexOf("--");
  return words.slice(1, end < 0 ? undefined : end);
}

/** The words that are neither flags nor their values. */
export function operands(tool: Tool, own: readonly string[]): string[] {
  return own.filter((word, i) => !word.startsWith("-") && !tool.valued?.includes(own[i - 1] ?? ""));
}
