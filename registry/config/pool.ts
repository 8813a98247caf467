import type { Config, Range } from "./config.ts";

export function contains({ first, last }: Range, port: number): boolean {
  return port >= first && port <= last;
}

/** The ranges to allocate a project's ports from, its own range first. */
export function rangesFor(config: Config, project: string): Range[] {
  const own = config.projects.get(project)?.range;
  return own === undefined ? [config.range] : [own, config.range];
}

/** The ports that the config assigns to other services and projects. */
export function portsOfOthers(config: Config, project: string, service: string): Set<number> {
  const ports = new Set<number>();
  for (const [name, { port }] of config.services) if (port && name !== service) ports.add(port);
  for (const [name, { prefer }] of config.projects)
    if (prefer && name !== project) ports.add(prefer);
  return ports;
}

/** Whether a port is in the pool or in any project's range. */
export function isInPool({ range, projects }: Config, port: number): boolean {
  if (contains(range, port)) return true;
  for (const project of projects.values()) {
    if (project.range && contains(project.range, port)) return true;
  }
  return false;
}

/** A service's preferred port: the requested one, else the service's or project's in the config. */
export function preferredPort(
  config: Config,
  project: string,
  service: string,
  asked: number | undefined,
): number | undefined {
  return asked ?? config.services.get(service)?.port ?? config.projects.get(project)?.prefer;
}
