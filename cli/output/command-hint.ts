import { quote } from "../parse/dashes.ts";

const BUILTINS = "cd export source . alias set unset eval exec if for while".split(" ");

/** What to do about a command of `run` that doesn't exist, if it doesn't look like a program's name. */
export function commandHint(program: string): string | undefined {
  const [variable, value] = /^(\w+)=(.*)$/s.exec(program)?.slice(1) ?? [];
  if (variable === "PORT") {
    return `leave it out, as run sets PORT; to ask for the port: --prefer ${value}`;
  }
  if (variable !== undefined && program.includes(" ")) {
    return `put env before it, and leave out the quotes: -- env ${program}`;
  }
  if (variable !== undefined) return `put env before it: -- env ${quote(program)} …`;
  if (BUILTINS.includes(program)) {
    return `it belongs to the shell: -- sh -c '${program} …'`;
  }
  if (/[|&;<>$]/.test(program)) return `for a line of the shell: -- sh -c ${quote(program)}`;
  if (program.includes(" ")) return `leave out the quotes: -- ${program}`;
  return undefined;
}
