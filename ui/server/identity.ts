import { homedir, hostname } from "node:os";
import { version } from "../../package.json";
import type { Registry } from "../../registry/store/registry.ts";
import type { Identity } from "../page/wire.ts";
import type { Visitor } from "./guard.ts";

/** Which dashboard this is; other machines see no directories and no programs. */
export function identityFor(
  { home }: Registry,
  agents: readonly string[],
  { isTrusted }: Visitor,
): Identity {
  const shown = { version, host: hostname() };
  return isTrusted
    ? { ...shown, registry: home.path, home: process.env["HOME"] || homedir(), agents }
    : shown;
}
