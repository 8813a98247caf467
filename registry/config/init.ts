import { unless } from "../../native/errno.ts";
import type { Machine } from "../../native/machine.ts";
import { RegistryError } from "../errors/errors.ts";
import { ensureHome, type Home } from "./home.ts";

/** The file that `portclaim init` writes: every key with its default, commented out. */
export const CONFIG_TEMPLATE = `#:schema https://github.com/portclaim/portclaim/raw/main/schema/config.schema.json
# portclaim's configuration. Every key is optional; the values shown are the defaults.

[pool]
# Ports to choose from, both ends included.
# range = "3000-9999"
# Ports that are never chosen. The dashboard's, 8484, and ports that browsers block are always skipped.
# exclude = [5432, 6379]

[reap]
# How long a claimed port that nothing listens on stays reserved: ms, s, m, h, d.
# grace = "10m"

[guard]
# Whether agents' hooks keep them from ending others' servers.
# enabled = true

# A project's preferred port, and the range that its services get ports from.
# [projects.my-app]
# prefer = 3000
# range = "3000-3009"

# A service's preferred port and lease, in every project.
# [services.postgres]
# port = 5432
# lease = "persistent"
`;

/** Writes config.toml and returns its path. Throws a RegistryError ("exists") unless `force`. */
export function writeConfigTemplate(machine: Machine, home: Home, force = false): string {
  ensureHome(machine, home);
  const { files } = machine;
  const exists = unless(["ENOENT"], () => files.stat(home.config)) !== undefined;
  if (exists && !force) {
    throw new RegistryError(`${home.config} already exists`, { code: "exists", path: home.config });
  }
  const temporary = `${home.config}.${machine.pid}.tmp`;
  unless(["ENOENT"], () => files.remove(temporary));
  files.create(temporary, CONFIG_TEMPLATE, true);
  files.rename(temporary, home.config);
  return home.config;
}
