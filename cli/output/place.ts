import type { Here } from "../../registry/config/checkout.ts";

/** A path shortened relative to this checkout or the user's home: "./apps/web", "~/shop". */
export function shortPath(path: string, { cwd, checkout }: Here, home: string | undefined): string {
  return below(path, checkout?.root ?? cwd, ".") ?? homePath(path, home);
}

/** A path with "~" for this user's home. */
export function homePath(path: string, home: string | undefined): string {
  return below(path, home, "~") ?? path;
}

function below(path: string, directory: string | undefined, sign: string): string | undefined {
  if (!directory || directory === "/") return undefined;
  if (path === directory) return sign;
  return path.startsWith(`${directory}/`) ? sign + path.slice(directory.length) : undefined;
}
