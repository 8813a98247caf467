import { fillValue } from "./env-rules.ts";
import type { ProjectFile } from "./project.ts";

/** The variables of a portclaim.toml: each service's port, then the values of `[env]`. */
export function projectVariables(
  { services, env }: ProjectFile,
  ports: ReadonlyMap<string, number>,
): Map<string, string> {
  const variables = new Map<string, string>();
  for (const { name, variables: own } of services.values()) {
    const port = ports.get(name);
    if (port !== undefined) for (const variable of own) variables.set(variable, `${port}`);
  }
  for (const [name, value] of env) {
    variables.set(
      name,
      fillValue(value, (service) => ports.get(service)),
    );
  }
  return variables;
}

/**
 * Drops the variables that the environment already has with another value, unless `[env]` names them.
 * Returns those that remain, and the names of those that were kept as they were.
 */
export function withoutKept(
  variables: ReadonlyMap<string, string>,
  { env }: ProjectFile,
  environment: Readonly<Record<string, string | undefined>>,
): { variables: Map<string, string>; kept: string[] } {
  const isKept = (name: string, value: string) =>
    environment[name] !== undefined && environment[name] !== value && !env.has(name);
  const all = [...variables];
  return {
    variables: new Map(all.filter(([name, value]) => !isKept(name, value))),
    kept: all.filter(([name, value]) => isKept(name, value)).map(([name]) => name),
  };
}
