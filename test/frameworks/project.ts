import type { Reader } from "../../frameworks/reader.ts";

/** A project's files, from path to text; a text that begins with "#!" is a program. */
export function projectOf(files: Record<string, string>): Reader {
  const isBelow = (path: string) => (name: string) => name.startsWith(`${path}/`);
  return {
    readFile: (path) => files[path],
    listDirectory: (path) =>
      Object.keys(files)
        .filter(isBelow(path))
        .map((name) => name.slice(path.length + 1).split("/", 1)[0] ?? ""),
    exists: (path) => path in files || Object.keys(files).some(isBelow(path)),
    isProgram: (path) => files[path]?.startsWith("#!") ?? false,
  };
}

/** A package.json of these scripts. */
export const packageOf = (scripts: Record<string, string>, more: object = {}) =>
  JSON.stringify({ ...more, scripts });
