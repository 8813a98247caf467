import { accessSync, constants as modes, statSync } from "node:fs";
import { constants } from "node:os";
import { readWords } from "../darwin/words.ts";
import { SystemError } from "../errno.ts";
import { LAUNCHED_VARIABLE, restoreProcess, wasIgnored } from "../linux/restore.ts";
import { ownWords } from "../linux/words.ts";
import { isDarwin } from "../system.ts";
import { coldLibc, cstring, cstringArray, errnoCode } from "./libc.ts";

const system = isDarwin
  ? { words: () => readWords(process.pid), wasIgnored: () => false, restore() {} }
  : { words: ownWords, wasIgnored, restore: restoreProcess };

/** A word of a command line: text, or bytes that aren't UTF-8. */
export type Word = string | Uint8Array;

const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

/** A text that Bun decoded, or the bytes behind it if they weren't UTF-8. */
function exact(text: string, bytes: Uint8Array | undefined): Word {
  return text.includes("\ufffd") && bytes && decode(bytes) === text ? bytes : text;
}

/** The exact form of `words`, this process's last arguments as Bun decoded them. */
export function exactArguments(words: readonly string[]): Word[] {
  const given = system.words().arguments.slice(-words.length);
  return words.map((word, i) => exact(word, given[i]));
}

/** Changes a word's text; treats bytes as Latin-1, where every byte is a character. */
export function changeWord(word: Word, change: (text: string) => string): Word {
  if (typeof word === "string") return change(word);
  return Buffer.from(change(Buffer.from(word).toString("latin1")), "latin1");
}

/**
 * Finds a program as execvp(3) does; `path` is PATH as Bun decoded it. Throws a SystemError: ENOENT if
 * there is none, EACCES if it can't be run.
 */
export function findProgram(command: Word, path: string): Word {
  const name = Buffer.from(command).toString("latin1");
  const isPath = name === "" || name.includes("/");
  const places = isPath
    ? [name]
    : exactPath(path)
        .split(":")
        .map((directory) => `${directory || "."}/${name}`);
  const candidates = places.map((place) => Buffer.from(place, "latin1"));
  const found = candidates.find(isProgram);
  if (found !== undefined) return exact(decode(found), found);
  const text = typeof command === "string" ? command : decode(command);
  throw new SystemError(candidates.some(exists) ? "EACCES" : "ENOENT", "run", text);
}

/** The exact PATH, as Latin-1. */
function exactPath(path: string): string {
  const entry = path.includes("\ufffd")
    ? system.words().environment.find((one) => nameOf(one) === "PATH")
    : undefined;
  return Buffer.from(exact(path, entry?.subarray("PATH=".length))).toString("latin1");
}

function isProgram(path: Buffer): boolean {
  try {
    accessSync(path, modes.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function exists(path: Buffer): boolean {
  try {
    return statSync(path) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Replaces this process with another program (execve(2)), whose environment is this process's with
 * `changes`. First restores what Bun changed for itself: ignored signals, the limit of open files,
 * descriptors. Returns only by throwing a SystemError.
 */
export function become(
  program: Word,
  argv: readonly Word[],
  changes: Record<string, string>,
): never {
  const { SIGPIPE, SIGXFSZ } = constants.signals;
  const SIG_DFL = null;
  for (const signal of [SIGPIPE, SIGXFSZ]) {
    if (!system.wasIgnored(signal)) coldLibc().signal(signal, SIG_DFL);
  }
  system.restore();
  const environment = environmentWith(changes);
  const failed = execve(program, argv, environment);
  const name = typeof program === "string" ? program : decode(program);
  // The program exists, so its first line names an interpreter that doesn't.
  if (failed === "ENOENT") throw new SystemError(failed, "run", `the interpreter of ${name}`);
  // Like execvp(3), runs a script without "#!" with sh.
  if (failed !== "ENOEXEC") throw new SystemError(failed, "run", name);
  const words = ["sh", program, ...argv.slice(1)];
  throw new SystemError(execve("/bin/sh", words, environment), "run", name);
}

function environmentWith(changes: Record<string, string>): Word[] {
  const given = system.words().environment;
  // It is also empty where it can't be read.
  const own = given.length > 0 ? given : entriesOf(process.env).map((one) => Buffer.from(one));
  const isKept = (name: string) => name !== LAUNCHED_VARIABLE && !Object.hasOwn(changes, name);
  const kept = own.filter((entry) => isKept(nameOf(entry)));
  return [...kept, ...entriesOf(changes)];
}

const entriesOf = (variables: Record<string, string | undefined>) =>
  Object.entries(variables).map(([name, value]) => `${name}=${value}`);

/** The name in an entry of an environment: "PATH" in "PATH=/bin". */
function nameOf(entry: Uint8Array): string {
  const end = entry.indexOf("=".charCodeAt(0));
  return decode(end < 0 ? entry : entry.subarray(0, end));
}

function execve(program: Word, argv: readonly Word[], environment: readonly Word[]): string {
  const [words, variables] = [cstringArray(argv), cstringArray(environment)];
  coldLibc().execve(cstring(program), words.pointers, variables.pointers);
  return errnoCode();
}
