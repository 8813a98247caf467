import { realpathSync, statSync } from "node:fs";
import { errnoMessage } from "../../native/errno.ts";
import { RegistryError } from "../errors/errors.ts";
import { validateDirectory } from "../values/directory.ts";

/**
 * A directory without symbolic links, ".." and trailing slashes, because that is how the kernel reports
 * a process's. Throws a RegistryError ("invalid").
 */
export function realDirectory(path: string): string {
  validateDirectory(path);
  let problem = "not a directory";
  try {
    const real = realpathSync(path);
    if (statSync(real).isDirectory()) return real;
  } catch (error) {
    problem = errnoMessage((error as { code: string }).code);
  }
  const message = `invalid cwd ${JSON.stringify(path)}: ${problem}`;
  throw new RegistryError(message, { code: "invalid", what: "cwd" });
}
