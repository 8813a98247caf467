import type { Machine, Process } from "../../native/machine.ts";
import { programOf, words } from "./wrappers.ts";

/** The arguments of a process, as {@link words} returns them. */
export function readWords(machine: Machine, pid: number): readonly string[] {
  return words(machine.commandLine(pid));
}

function isInterpreter(program: string): boolean {
  return (
    ["node", "bun", "deno", "ruby", "perl", "php"].includes(program) ||
    (program.startsWith("python") && !/[^\d.]/.test(program.slice(6)))
  );
}

const MEANINGLESS =
  " cli.js cli.mjs cli.cjs index.js index.mjs index.cjs main.js main.mjs main.cjs ";

/** A process's display name: its program, and the script if that is an interpreter. */
export function commandName(
  machine: Machine,
  process: Process,
  argv = readWords(machine, process.pid),
): string {
  const named = programOf(argv) || process.name;
  // The bun npm package names its program bun.exe on every platform.
  const bare = named.endsWith(".exe") ? named.slice(0, -4) : named;
  // A title that the program wrote: "nginx: master process".
  const program = bare.endsWith(":") ? bare.slice(0, -1) : bare;
  if (!isInterpreter(program)) return program;
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i] ?? "";
    if (isBeforeCode(program, word)) return program;
    if (!word.startsWith("-")) return `${program} ${scriptName(word)}`;
  }
  return program;
}

/** Whether a flag is followed by code, which may hold secrets: node -e, perl -ne, python -c, php -r. */
function isBeforeCode(program: string, flag: string): boolean {
  if (flag.startsWith("--")) return flag === "--eval" || flag === "--print";
  if (!flag.startsWith("-")) return false;
  const codes = program.startsWith("python") ? "c" : program === "php" ? "r" : "eEp";
  return codes.includes(flag.at(-1) ?? "-");
}

/** A script's file name, or its npm package's name if the file name says nothing ("cli.js"). */
function scriptName(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const at = path.lastIndexOf("/node_modules/");
  if (at < 0 || !MEANINGLESS.includes(` ${name} `)) return name;
  const [scope = "", unscoped = ""] = path.slice(at + "/node_modules/".length).split("/");
  return scope.startsWith("@") ? unscoped : scope;
}
