import { rmSync, writeFileSync } from "node:fs";
import { SystemError } from "../../native/errno.ts";
import { RegistryError } from "../../registry/errors/errors.ts";
import { projectTemplate } from "./project-template.ts";

/** Writes portclaim.toml in a directory and returns its path. Throws a RegistryError ("exists") unless `force`. */
export function writeProjectFile(root: string, force: boolean): string {
  const path = `${root}/portclaim.toml`;
  const text = projectTemplate(root);
  try {
    if (force) rmSync(path, { force: true });
    writeFileSync(path, text, { flag: "wx" });
  } catch (error) {
    const { code = "EIO" } = error as { code?: string };
    if (code !== "EEXIST") throw new SystemError(code, "write", path);
    throw new RegistryError(`${path} already exists`, { code: "exists", path });
  }
  return path;
}
