import type { Assignment } from "unbash";
import { expand, expandQuoted, type Scope } from "./expand.ts";
import { UNKNOWN } from "./field.ts";
import { found, SUCCESS } from "./outcome.ts";
import type { Shell } from "./shell.ts";

/** `pids=$(…)`, `ports=(3000 3001)`, `ports+=(3002)`. */
export function assign(
  shell: Scope & Pick<Shell, "set" | "outcome">,
  { name, value, append, index }: Assignment,
): void {
  const isArray = value.type !== "Word";
  const fields = isArray
    ? value.elements.flatMap((word) => expand(word, shell))
    : expandQuoted(value, shell);
  const before = append && isArray ? (shell.variable(name) ?? [UNKNOWN]) : [];
  const isKnown = !index && (isArray || !append);
  shell.set(name, isKnown ? [...before, ...fields] : [UNKNOWN], isArray);
  shell.outcome = found(fields) ?? SUCCESS;
}
