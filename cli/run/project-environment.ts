import { projectVariables, withoutKept } from "../../registry/config/project-variables.ts";
import type { ProjectFile, ProjectService } from "../../registry/config/project.ts";
import { CommandError, EXIT } from "../exit.ts";
import type { Io } from "../output/io.ts";
import { sayKept } from "../project/say-kept.ts";

/** The project's variables for a command. Those of its own services override the environment. */
export function variablesOf(
  io: Io,
  file: ProjectFile,
  ports: ReadonlyMap<string, number>,
  own: readonly string[],
): Record<string, string> {
  const all = projectVariables(file, ports);
  const environment = { ...io.env };
  for (const name of own) delete environment[name];
  const { variables, kept } = withoutKept(all, file, environment);
  sayKept(io, all, kept);
  return Object.fromEntries(variables);
}

/** Changes to the directory of a service. */
export function enter({ name, place: { cwd } }: ProjectService): void {
  try {
    process.chdir(cwd);
  } catch {
    throw new CommandError(
      EXIT.cannotRun,
      `cannot run ${name}: no such directory: ${cwd}`,
      `correct "dir" of [services.${name}] in portclaim.toml`,
    );
  }
}
