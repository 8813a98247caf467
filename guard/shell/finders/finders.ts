import type { Field } from "../model/field.ts";
import { lsof } from "./lsof.ts";
import { printedByPgrep } from "./pgrep.ts";
import { pidof } from "./pidof.ts";
import { ps } from "./ps.ts";
import { netstat, ss } from "./ss.ts";

/** Programs that print process ids, or lines with them. */
export const FINDERS: Record<string, (args: readonly Field[]) => Field[]> = {
  lsof,
  pgrep: printedByPgrep,
  pidof,
  ss,
  netstat,
  ps,
};
