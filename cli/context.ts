import { type Here, locate } from "../registry/config/checkout.ts";
import { tryLoadProjectFile } from "../registry/config/project-file.ts";
import { placeOf } from "../registry/config/project.ts";
import { openRegistry, openWithoutConfig, type Registry } from "../registry/store/registry.ts";
import type { Io } from "./output/io.ts";

const options = (io: Io) => ({
  environment: io.env,
  onWait: (pid: number | undefined) =>
    io.say(`waiting for the lock${pid ? `, held by process ${pid}` : ""} …`),
});

/** Opens the registry that the environment names. */
export function open(io: Io): Promise<Registry> {
  return openRegistry(options(io));
}

const warned = new Set<string>();

/** Prints a warning, at most once per process. */
export function warnOnce(io: Io, problem: string): void {
  if (!warned.has(problem)) io.say(`warning: ${problem}`);
  warned.add(problem);
}

/** The same for commands that don't choose ports: a broken config is reported once, and the defaults apply. */
export function openAnyway(io: Io): Promise<Registry> {
  const onBadConfig = (problem: string) => warnOnce(io, problem);
  return openRegistry({ ...options(io), onBadConfig });
}

/** The same without its config, for the commands that fix a malformed one: `init`, `doctor`. */
export function openUnread(io: Io): Omit<Registry, "config"> {
  return openWithoutConfig(options(io));
}

/** Where the call is made. */
export function here(io: Io, registry: Registry): Here {
  return locate(registry, io.cwd());
}

/** Where a service is claimed: its directory in portclaim.toml, else where the call is made. */
export async function placeFor(
  io: Io,
  registry: Registry,
  { service, project }: { service?: string | undefined; project?: string | undefined },
): Promise<Here> {
  const place = here(io, registry);
  if (service === undefined) return place;
  const { file, warning } = await tryLoadProjectFile(registry.machine, place.checkout);
  if (warning !== undefined) warnOnce(io, warning);
  return placeOf(file, service, place, project);
}
