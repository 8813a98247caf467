import { existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { unless } from "../native/errno.ts";
import { SetupError } from "./error.ts";

/** Where agents' files are looked for. */
export interface Place {
  home: string;
  env: Record<string, string | undefined>;
  platform: NodeJS.Platform;
}

/** This user's place. Throws a SetupError for root in the home of another user. */
export function placeOf(env: Place["env"]): Place {
  const home = env["HOME"]?.startsWith("/") ? env["HOME"] : homedir();
  const owner = unless(["ENOENT", "EACCES"], () => statSync(home))?.uid;
  // The user's agent couldn't change files that root writes there.
  if (process.geteuid?.() === 0 && owner !== undefined && owner !== 0) {
    throw new SetupError("not-your-home", `${home} belongs to another user`);
  }
  return { home, env, platform: process.platform };
}

/** A variable's value, or a path below the home directory. */
export const under = ({ env, home }: Place, variable: string, ...path: string[]) =>
  env[variable] || join(home, ...path);

/** The user's directory of the XDG Base Directory Specification. */
export const configOf = (place: Place) => under(place, "XDG_CONFIG_HOME", ".config");

/** The user's data of editors of VS Code's family. */
export function editorsOf(place: Place, ...names: string[]): string[] {
  const isMac = place.platform === "darwin";
  const base = isMac ? join(place.home, "Library/Application Support") : configOf(place);
  return names.map((name) => join(base, name, "User"));
}

/** Those of the paths that exist, or the first. */
export function existing(paths: string[]): string[] {
  const found = paths.filter((path) => existsSync(path));
  return found.length > 0 ? found : paths.slice(0, 1);
}

/** The first of the names that exists in a directory, or the first. */
export const oneOf = (directory: string, ...names: string[]) =>
  existing(names.map((name) => join(directory, name))).slice(0, 1);
