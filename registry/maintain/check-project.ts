import { locate } from "../config/checkout.ts";
import { loadProjectFile } from "../config/project-file.ts";
import { RegistryError } from "../errors/errors.ts";
import type { Registry } from "../store/registry.ts";
import type { Check } from "./check-home.ts";

/** Checks the portclaim.toml of the checkout that contains a directory, if it has one. */
export async function checkProjectFile(
  registry: Pick<Registry, "machine" | "shared">,
  cwd: string,
): Promise<Check[]> {
  try {
    const file = await loadProjectFile(registry.machine, locate(registry, cwd).checkout);
    if (file === undefined) return [];
    if (file.warnings.length === 0) {
      return [{ check: "project", status: "ok", message: `${file.path} is valid` }];
    }
    return file.warnings.map((message) => ({ check: "project", status: "warning", message }));
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const hint = "fix it; its rules are in docs/project-file.md";
    return [{ check: "project", status: "error", message: error.message, hint }];
  }
}
