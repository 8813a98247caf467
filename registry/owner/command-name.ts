import type { Machine, Process } from "../../native/machine.ts";
import { programOf, words } from "./wrappers.ts";

/** The arguments of a process, as {@link words} has them. */
export function readWords(machine: Machine, pid: number): readonly string[] {
  return words(machine.commandLine(pid));
}

function isInterpreter(program: string): boolean {
  return (
    ["node", "bun", "deno", "ruby", "perl", "php"].includes(program) ||
    (program.startsWith("python") && !/[^\d.]/.test(program.slice(6)))
  );
}

/** A process's display name: its program, and the script if that is an interpreter. */
export function commandName(
  machine: Machine,
  process: Process,
  argv = readWords(machine, process.pid),
): string {
  const named = programOf(argv) || process.name;
  // The bun npm package names its program bun.exe on every platform.
  const program = named.endsWith(".exe") ? named.slice(0, -4) : named;
  if (!isInterpreter(program)) return program;
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i] ?? "";
    if (!word.startsWith("-")) return `${program} ${word.slice(word.lastIndexOf("/") + 1)}`;
  }
  return program;
}
