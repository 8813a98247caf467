import type { Machine } from "../../native/machine.ts";
import { RegistryError } from "../model/errors.ts";
import { type Config, DEFAULTS } from "./config.ts";
import type { Home } from "./home.ts";

const MAX_CONFIG_SIZE = 1024 * 1024;

/** Reads config.toml; a missing one means the defaults. Throws a RegistryError ("config"). */
export async function loadConfig(machine: Machine, home: Home): Promise<Config> {
  // Dotfile managers link it, and whoever can write here can write the config itself.
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
