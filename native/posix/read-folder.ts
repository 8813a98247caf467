import { SystemError } from "../errno.ts";
import type { Files, Found } from "../types.ts";

/** Reads the files in a directory whose names end in `suffix`, up to `limit` bytes of each. */
export function readFolder(
  files: Files,
  directory: string,
  suffix: string,
  limit: number,
): Found[] {
  const found: Found[] = [];
  for (const name of files.list(directory)) {
    if (!name.endsWith(suffix)) {
      found.push({ name });
      continue;
    }
    try {
      found.push({ name, text: files.read(`${directory}/${name}`, limit) });
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      // Removed since the directory was listed.
      if (error.code !== "ENOENT") found.push({ name, error });
    }
  }
  return found;
}
