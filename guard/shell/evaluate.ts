import type { Consequences } from "../target.ts";
import { Files } from "./files.ts";
import { Interpreter } from "./interpreter.ts";
import { MAX_LENGTH, type Surroundings } from "./shell.ts";

/** Works out what a command line would end, without running anything. */
export function evaluate(line: string, surroundings: Surroundings): Consequences {
  const found: Consequences = { ends: [], forced: [] };
  // Longer lines are let through unread.
  if (line.length > MAX_LENGTH) return found;
  new Interpreter(found, surroundings, { steps: 0, files: new Files(surroundings) }).source(line);
  return found;
}
