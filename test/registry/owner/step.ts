import type { Process } from "../../../native/types.ts";
import { isWrapper, words } from "../../../registry/owner/wrappers.ts";

/** A process as the kernel shows it, of which only `facts` matter. */
export const process = (facts: Partial<Process> = {}): Process => ({
  pid: 200,
  parent: 100,
  group: 200,
  start: 1,
  ended: false,
  forked: false,
  name: "any",
  hasTerminal: false,
  suspended: false,
  ...facts,
});

interface Setting {
  /** The arguments of its parent, and of what it started: none if that is portclaim. */
  parent?: string[];
  below?: string[];
  forked?: boolean;
}

/** Whether a process with these arguments only carried a call of `portclaim acquire`. */
export function isSkipped(
  argv: string[],
  { parent = [], below, forked = false }: Setting = {},
): boolean {
  const step = { process: process({ forked }), argv: words(argv), parent: () => words(parent) };
  return isWrapper({ ...step, below: below && words(below) }, "acquire");
}
