import { readFileSync } from "node:fs";
import { unless } from "../errno.ts";
import type { Words } from "../types.ts";

/** The arguments and the environment that this process was started with. */
export function ownWords(): Words {
  return { arguments: read("cmdline"), environment: read("environ") };
}

function read(name: "cmdline" | "environ"): Uint8Array[] {
  const hidden = ["ENOENT", "EACCES", "EPERM"];
  const bytes = unless(hidden, () => readFileSync(`/proc/self/${name}`)) ?? new Uint8Array(0);
  const found: Uint8Array[] = [];
  for (let at = 0, end: number; (end = bytes.indexOf(0, at)) >= 0; at = end + 1) {
    found.push(bytes.subarray(at, end));
  }
  return found;
}
