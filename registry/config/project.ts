import type { Lease } from "../model/claim.ts";
import type { Here } from "./checkout.ts";

/** One service of a portclaim.toml. */
export interface ProjectService {
  name: string;
  port?: number;
  /** The command line that `run` starts. */
  run?: string;
  /** The variables for its port: WEB_PORT, and the one that the file names. */
  variables: string[];
  lease?: Lease;
  /** One for all worktrees: claimed for the main checkout. */
  shared: boolean;
  /** The directory, project and checkout that it is always claimed for. */
  place: Here;
}

/** A checkout's portclaim.toml. */
export interface ProjectFile {
  path: string;
  root: string;
  project?: string;
  services: ReadonlyMap<string, ProjectService>;
  /** The values of `[env]`, with placeholders such as {api.port}. */
  env: ReadonlyMap<string, string>;
  /** Unknown keys, as messages. */
  warnings: string[];
}

/** Where a service is claimed: its own directory if the file has it, else where the call is made. */
export function placeOf(
  file: ProjectFile | undefined,
  service: string | undefined,
  here: Here,
  project?: string,
): Here {
  const found = service === undefined ? undefined : serviceOf(file, service, project);
  if (found) return found.place;
  return file?.project === undefined ? here : { ...here, project: file.project };
}

/** The file's service of this name, unless another project is asked for. */
export function serviceOf(
  file: ProjectFile | undefined,
  name: string,
  project?: string,
): ProjectService | undefined {
  const service = file?.services.get(name);
  return project === undefined || project === service?.place.project ? service : undefined;
}
