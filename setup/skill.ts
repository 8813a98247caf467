import skill from "../skill/SKILL.md" with { type: "text" };
import type { Plan } from "./change.ts";
import { readText } from "./file.ts";

export { skill };

/** Works out the skill's file: it is ours, so a newer version replaces an older one. */
export function planSkill(path: string, remove: boolean): Plan {
  const before = readText(path);
  if (remove) {
    return { path, change: before === undefined ? "none" : "removed", before, after: undefined };
  }
  const change = before === undefined ? "added" : before === skill ? "none" : "updated";
  return { path, change, before, after: skill };
}
