import type { Claim } from "../registry/model/claim.ts";
import { isPlainName, plainCommand } from "../registry/model/plain-names.ts";
import { ClaimStore } from "../registry/store/claims.ts";
import type { Registry } from "../registry/store/registry.ts";

type Names = Pick<Claim, "port" | "service" | "project" | "agent"> & { command?: string };

/** A shorter name can't carry a message, but may occur by chance. */
const MIN_LENGTH = 4;

/** A result without the names that aren't plain: a repository must not address the model through them. */
export function withPlainNames<T>(result: T, registry: Registry | undefined): T {
  const stored = registry ? namesIn(registry) : [];
  const replacements = new Map([...stored, ...collect(result)].flatMap(replacementsFor));
  if (replacements.size === 0) return result;
  const longestFirst = [...replacements].toSorted(([a], [b]) => b.length - a.length);
  const replace = (text: string) => {
    let plain = text;
    for (const [name, by] of longestFirst) {
      plain = plain.replaceAll(`service "${name}"`, by).replaceAll(`"${name}"`, by);
      if (plain === name || name.length >= MIN_LENGTH) plain = plain.replaceAll(name, by);
    }
    return plain;
  };
  return mapStrings(result, replace) as T;
}

function namesIn({ machine, home }: Registry): Names[] {
  const { claims } = new ClaimStore(machine, home).readAll();
  return Array.from(claims.values(), ({ claim }) => ({
    ...claim,
    ...(claim.owner && { command: claim.owner.command }),
  }));
}

function replacementsFor({ port, service, project, agent, command }: Partial<Names>) {
  const found: [string, string][] = [];
  const add = (name: string | null | undefined, by: string) => {
    if (typeof name === "string" && name !== "" && !isPlainName(name)) found.push([name, by]);
  };
  add(service, port === undefined ? "a service" : `the service on ${port}`);
  add(project, "a project");
  add(agent, "an agent");
  if (command !== undefined && plainCommand(command) !== command) {
    found.push([command, plainCommand(command)]);
  }
  return found;
}

/** The claims and listeners in a result. */
function collect(value: unknown): Partial<Names>[] {
  if (typeof value !== "object" || value === null) return [];
  const own = Array.isArray(value) ? [] : [value as Partial<Names>];
  return [...own, ...Object.values(value).flatMap(collect)];
}

/** Changes all strings but directories, which a model may have to open. */
function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((each) => mapStrings(each, change));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [
    key,
    key === "cwd" ? each : mapStrings(each, change),
  ]);
  return Object.fromEntries(entries);
}
