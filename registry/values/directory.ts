import { RegistryError } from "../errors/errors.ts";

/** Throws a RegistryError ("invalid") unless a directory is an absolute path. */
export function validateDirectory(cwd: string): string {
  if (typeof cwd === "string" && cwd.startsWith("/") && !cwd.includes("\0")) return cwd;
  const message = `not an absolute path: ${JSON.stringify(cwd)}`;
  throw new RegistryError(message, { code: "invalid", what: "cwd" });
}
