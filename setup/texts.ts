import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import agentsMd from "../skill/agents-md.md" with { type: "text" };
import skill from "../skill/SKILL.md" with { type: "text" };
import type { Edited } from "./edit.ts";
import { readText } from "./file.ts";
import { Malformed, newlineOf } from "./format.ts";

export { skill };

/** The skill's file is portclaim's own: a newer version replaces an older one. */
export function editSkill(before: string | undefined, remove: boolean): Edited {
  if (remove) return { change: before === undefined ? "none" : "removed", text: undefined };
  return { change: changeOf(before, skill), text: skill };
}

const changeOf = (before: string | undefined, after: string) =>
  before === undefined ? "added" : before === after ? "none" : "updated";

const START = "<!-- portclaim:start -->";
const END = "<!-- portclaim:end -->";

/** The marked block for a project's AGENTS.md and the like. */
export const agentsBlock = `${START}\n${agentsMd.trim()}\n${END}\n`;

/**
 * A project's AGENTS.md. If it has a CLAUDE.md or GEMINI.md, that too, unless it links to AGENTS.md or
 * imports it: Claude Code and Gemini CLI don't read AGENTS.md.
 */
export function textFilesIn(project: string): string[] {
  const main = join(project, "AGENTS.md");
  const others = ["CLAUDE.md", "GEMINI.md"].map((name) => join(project, name));
  return [main, ...others.filter((path) => existsSync(path) && !leadsTo(main, path))];
}

function leadsTo(main: string, path: string): boolean {
  if (existsSync(main) && realpathSync(path) === realpathSync(main)) return true;
  try {
    return /^@(\.\/)?AGENTS\.md\s*$/m.test(readText(path) ?? "");
  } catch {
    // Planning to edit it will say why it can't be read.
    return false;
  }
}

/** Puts a marked block into such a file, or takes it out. Throws Malformed. */
export function editAgentsMd(before: string | undefined, remove: boolean): Edited {
  const text = before ?? "";
  const newline = newlineOf(text);
  const start = text.indexOf(START);
  const end = text.indexOf(END, start);
  if (start >= 0 && end < 0) {
    throw new Malformed(`"${END}" is missing`, text.slice(0, start).split("\n").length);
  }
  const head = start < 0 ? text : text.slice(0, start);
  const tail = start < 0 ? "" : text.slice(end + END.length);
  if (remove) {
    if (start < 0) return { change: "none", text: before };
    const rest = head.replace(/(?<=\n)\r?\n$/, "") + tail.replace(/^\r?\n/, "");
    return { change: "removed", text: rest.trim() === "" ? undefined : rest };
  }
  const block = agentsBlock.replaceAll("\n", newline);
  if (start >= 0) {
    const after = head + block.trimEnd() + tail;
    return { change: changeOf(text, after), text: after };
  }
  const gap = head === "" ? "" : head.endsWith("\n") ? newline : newline + newline;
  return { change: "added", text: head + gap + block };
}
