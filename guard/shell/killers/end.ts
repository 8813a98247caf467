import type { End, Target } from "../model/consequences.ts";
import { type Field, textsOf } from "../model/field.ts";

export const end = (by: string, target: Target, some = false): End => ({
  by,
  target,
  some,
  where: [],
});

/** What a field among the operands of `kill` stands for. */
export function killed(field: Field, by: string): End[] {
  if (field.kind === "pids" && field.column !== 0) {
    return [{ ...end(by, field.target, field.some), where: field.where ?? [] }];
  }
  if (field.kind !== "text") return [];
  return field.text.split(/\s+/).flatMap((word): End[] => {
    if (/^[1-9]\d*$/.test(word)) return [end(by, { kind: "pid", pid: Number(word) })];
    if (word === "-1") return [end(by, { kind: "all" })];
    const [, group] = /^-([1-9]\d*)$/.exec(word) ?? [];
    return group === undefined ? [] : [end(by, { kind: "group", group: Number(group) })];
  });
}

/** Whether a program is asked for its help or version, or for what it would do, and ends nothing. */
export const onlyTells = (args: readonly Field[]) =>
  textsOf(args).some((word) => ["--dry-run", "--help", "-h", "--version", "-V"].includes(word));
