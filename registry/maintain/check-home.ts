import { errnoMessage, SystemError, unless } from "../../native/errno.ts";
import type { Machine } from "../../native/machine.ts";
import type { Config } from "../config/config.ts";
import { checkDirectory } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { RegistryError } from "../errors/errors.ts";
import type { Registry } from "../store/registry.ts";

/** One result of doctor. */
export interface Check {
  check: "home" | "lock" | "config" | "range" | "project" | "claim" | "file" | "server" | "guard";
  /** In a dry run, "fixed" means that it would be fixed. An "error" has to be fixed by hand. */
  status: "ok" | "fixed" | "warning" | "error";
  message: string;
  hint?: string;
  port?: number;
  /** Nothing else can be checked until this is fixed. */
  blocking?: boolean;
}

type Opened = Omit<Registry, "config">;

export async function checkConfig({
  machine,
  home,
}: Opened): Promise<{ config?: Config; check: Check }> {
  try {
    const config = await loadConfig(machine, home);
    const exists = unless(["ENOENT", "EACCES"], () => machine.files.stat(home.config));
    const message = exists ? `${home.config} is valid` : "no config.toml: defaults apply";
    return { config, check: { check: "config", status: "ok", message } };
  } catch (error) {
    if (!(error instanceof RegistryError || error instanceof SystemError)) throw error;
    const message =
      error instanceof SystemError
        ? `cannot read ${home.config}: ${errnoMessage(error.code)}`
        : error.message;
    const hint = "fix it, or write a new one: portclaim init --force";
    return { check: { check: "config", status: "error", message, hint } };
  }
}

/** Checks the registry's directories: owner, permissions and file system. */
export function checkHome({ machine, home, allowNetwork }: Opened, dryRun: boolean): Check[] {
  const checks: Check[] = [];
  for (const [path, checked] of [
    [home.path, `${home.path}/.`],
    [home.claims, home.claims],
  ] as const) {
    const check = checkPermissions(machine, path, checked, dryRun);
    if (check) checks.push(check);
    if (check?.blocking) return checks;
  }
  const network = machine.networkFileSystem(home.path);
  if (network !== undefined) {
    checks.push({
      check: "home",
      status: allowNetwork ? "warning" : "error",
      message: `${home.path} is on a network file system (${network}), where locks may not work`,
      hint: "set PORTCLAIM_HOME to a local directory",
      ...(!allowNetwork && { blocking: true }),
    });
  }
  if (checks.length > 0) return checks;
  return [{ check: "home", status: "ok", message: `${home.path} is private` }];
}

const UNREACHABLE: Record<string, string> = {
  ENOTDIR: "not a directory",
  EACCES: "permission denied",
};

function checkPermissions(
  machine: Machine,
  path: string,
  checked: string,
  dryRun: boolean,
): Check | undefined {
  const blocked = (problem: string): Check => ({
    check: "home",
    status: "error",
    message: `${path}: ${problem}`,
    hint: "make it private to you, or set PORTCLAIM_HOME",
    blocking: true,
  });
  try {
    const problem = checkDirectory(machine, checked);
    if (problem === undefined) return undefined;
    const stat = machine.files.stat(checked);
    if (stat.kind !== "directory" || stat.uid !== machine.uid) return blocked(problem);
    if (!dryRun) machine.files.protect(checked);
    return { check: "home", status: "fixed", message: `${path}: ${problem}` };
  } catch (error) {
    const problem = UNREACHABLE[(error as { code?: string }).code ?? ""];
    if (problem === undefined) throw error;
    return blocked(problem);
  }
}

/** Reports a history that nothing can be appended to. */
export function checkHistory({ machine, home: { history } }: Opened): Check[] {
  const { kind = "file" } = unless(["ENOENT"], () => machine.files.stat(history)) ?? {};
  if (kind === "file") return [];
  const message = `${history} is not a regular file, so no history is kept`;
  return [{ check: "home", status: "warning", message, hint: `remove it: rm -r ${history}` }];
}

/** Checks that the lock is a regular file or missing. */
export function checkLock({ machine, home }: Opened): Check {
  const stat = unless(["ENOENT"], () => machine.files.stat(home.lock));
  if (stat === undefined || stat.kind === "file") {
    return { check: "lock", status: "ok", message: `${home.lock} can be locked` };
  }
  const kind = stat.kind === "other" ? "special file" : stat.kind;
  return {
    check: "lock",
    status: "error",
    message: `${home.lock} is a ${kind}, not a regular file`,
    hint: `remove it: rm -r ${home.lock}`,
    blocking: true,
  };
}

/** Checks that the pool doesn't overlap the ephemeral ports, used for outgoing connections. */
export function checkRange({ machine, config }: Registry): Check {
  const ephemeral = machine.ephemeralPorts();
  const { first, last } = config.range;
  if (ephemeral === undefined || last < ephemeral.first || first > ephemeral.last) {
    return { check: "range", status: "ok", message: `ports are chosen from ${first}-${last}` };
  }
  return {
    check: "range",
    status: "warning",
    message: `the pool ${first}-${last} overlaps the ephemeral ports ${ephemeral.first}-${ephemeral.last}, which the kernel gives to outgoing connections`,
    hint: `set [pool] range below ${ephemeral.first}`,
  };
}
