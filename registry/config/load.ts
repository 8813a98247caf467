import type { Machine } from "../../native/machine.ts";
import { RegistryError } from "../errors/errors.ts";
import { type Config, DEFAULTS } from "./config.ts";
import type { Home } from "./home.ts";

const MAX_CONFIG_SIZE = 1024 * 1024;

/** Reads config.toml; returns the defaults if it is missing. Throws a RegistryError ("config"). */
export async function loadConfig(machine: Machine, home: Home): Promise<Config> {
  // Follow symlinks: dotfile managers use them, and anyone who can create one can edit the config too.
  const text = machine.files.readIfThere(home.config, MAX_CONFIG_SIZE + 1, true);
  if (text === undefined) return DEFAULTS;
  if (text.length > MAX_CONFIG_SIZE) {
    throw new RegistryError(`${home.config} is larger than 1 MiB`, {
      code: "config",
      path: home.config,
    });
  }
  const { parseConfig } = await import("./parse.ts");
  return parseConfig(text, home.config);
}
