import type { Here } from "../../registry/config/checkout.ts";
import { loadProjectFile } from "../../registry/config/project-file.ts";
import type { ProjectFile } from "../../registry/config/project.ts";
import { RegistryError } from "../../registry/errors/errors.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { warnOnce } from "../context.ts";
import type { Io } from "../output/io.ts";

/**
 * The portclaim.toml for a command that needs it. Throws a RegistryError ("project-file", or
 * "not-found" if there is none).
 */
export async function loadProject(io: Io, registry: Registry, here: Here): Promise<ProjectFile> {
  const file = await loadProjectFile(registry.machine, here.checkout);
  if (file === undefined) {
    const root = here.checkout?.root;
    const where = root === undefined ? `${here.cwd}, which is in no checkout` : root;
    throw new RegistryError(`no portclaim.toml in ${where}`, { code: "no-project", path: where });
  }
  for (const warning of file.warnings) warnOnce(io, warning);
  return file;
}
