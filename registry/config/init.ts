import { unless } from "../../native/errno.ts";
import { RegistryError } from "../model/errors.ts";
import type { Registry } from "../store/registry.ts";
import { ensureHome } from "./home.ts";

/** What `portclaim init` writes: every key, each at its default and commented out. */
export const CONFIG_TEMPLATE = `# portclaim's configuration. Every key is optional; these are the defaults.

[pool]
# Ports to choose from, both ends included.
# range = "3000-9999"
# Ports never chosen. 8484, the dashboard's, and those that browsers refuse are left out anyway.
# exclude = [5432, 6379]

[reap]
# How long a claimed port that nothing listens on is kept for its owner: ms, s, m, h, d.
# grace = "10m"

# A project's preferred port, and the range that its services are given ports from.
# [projects.my-app]
# prefer = 3000
# range = "3000-3009"

# A service's own port and lease, in every project.
# [services.postgres]
# port = 5432
# lease = "persistent"
`;

/** Writes config.toml and returns its path. Throws a RegistryError ("exists") unless `force`. */
export function writeConfigTemplate(
  { machine, home }: Pick<Registry, "machine" | "home">,
  force = false,
): string {
  ensureHome(machine, home);
  const { files } = machine;
  const exists = unless(["ENOENT"], () => files.stat(home.config)) !== undefined;
  if (exists && !force) {
    const reason = { code: "exists", path: home.config } as const;
    throw new RegistryError(`Cannot write ${home.config}: it is there already`, reason);
  }
  const temporary = `${home.config}.${machine.pid}.tmp`;
  unless(["ENOENT"], () => files.remove(temporary));
  files.create(temporary, CONFIG_TEMPLATE, true);
  files.rename(temporary, home.config);
  return home.config;
}
