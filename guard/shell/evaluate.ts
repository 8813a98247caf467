import { Interpreter } from "./interpreter.ts";
import type { Consequences } from "./model/consequences.ts";
import { MAX_LENGTH, type Surroundings } from "./model/shell.ts";
import { Files } from "./session.ts";

/** Works out what a command line would end, without running anything. */
export function evaluate(line: string, surroundings: Surroundings): Consequences {
  const found: Consequences = { ends: [], forced: [] };
  // Longer lines are let through unread.
  if (line.length > MAX_LENGTH) return found;
  new Interpreter(found, surroundings, { steps: 0, files: new Files(surroundings) }).source(line);
  return found;
}
