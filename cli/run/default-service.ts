import { readPackage } from "../../frameworks/packages.ts";
import { diskReader } from "../../frameworks/reader.ts";
import type { ProjectFile } from "../../registry/config/project.ts";
import { projectName } from "../../registry/values/name.ts";
import { UsageError } from "../exit.ts";

/**
 * The service of a `run` that names none: the one of portclaim.toml for this directory, else the last
 * part of package.json's name, else the directory's name.
 */
export function defaultService(file: ProjectFile | undefined, cwd: string): string {
  const services = servicesOf(file, cwd);
  if (services.length > 1) throw severalServices(services);
  const name = readPackage(diskReader, cwd)?.name?.trim();
  return services[0] ?? projectName(name || cwd);
}

/** The services of portclaim.toml for a directory. */
export function servicesOf(file: ProjectFile | undefined, cwd: string): string[] {
  const all = [...(file?.services.values() ?? [])];
  return all.filter(({ place }) => place.cwd === cwd).map(({ name }) => name);
}

export function severalServices(services: readonly string[]): UsageError {
  const list = services.join(", ");
  const hint = list ? `name one of portclaim.toml's: ${list}` : "add one to portclaim.toml";
  return new UsageError("missing service", hint);
}
