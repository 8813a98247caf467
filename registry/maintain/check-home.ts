import { SystemError, unless } from "../../native/errno.ts";
import type { Machine } from "../../native/machine.ts";
import type { Config } from "../config/config.ts";
import { checkDirectory } from "../config/home.ts";
import { RegistryError } from "../model/errors.ts";
import { loadConfig, type Registry } from "../store/registry.ts";

/** One thing that doctor looked at. */
export interface Check {
  check: "home" | "lock" | "config" | "range" | "claim" | "file" | "server";
  /** "fixed" in a dry run means: would be. "error" stays broken until somebody acts. */
  status: "ok" | "fixed" | "warning" | "error";
  /** What is so. */
  message: string;
  /** What to do. */
  hint?: string;
  port?: number;
  /** Nothing else may be touched while this is so. */
  blocking?: boolean;
}

export async function checkConfig(
  opened: Omit<Registry, "config">,
): Promise<{ config?: Config; check: Check }> {
  const { machine, home } = opened;
  try {
    const config = await loadConfig(machine, home);
    const there = unless(["ENOENT", "EACCES"], () => machine.files.stat(home.config));
    const message = there ? `${home.config} is well-formed` : "there is none: the defaults hold";
    return { config, check: { check: "config", status: "ok", message } };
  } catch (error) {
    if (!(error instanceof RegistryError || error instanceof SystemError)) throw error;
    const isUnreadable = error instanceof SystemError;
    const message = isUnreadable ? `Cannot read ${home.config}: ${error.code}` : error.message;
    const hint = "mend it, or write a new file with: portclaim init --force";
    return { check: { check: "config", status: "error", message, hint } };
  }
}

/** The registry's folders: whose they are, who may write there, and on what they lie. */
export function checkHome(opened: Omit<Registry, "config">, dryRun: boolean): Check[] {
  const { machine, home, allowNetwork } = opened;
  const checks: Check[] = [];
  for (const [path, looked] of [
    [home.path, `${home.path}/.`],
    [home.claims, home.claims],
  ] as const) {
    const check = checkFolder(machine, path, looked, dryRun);
    if (check) checks.push(check);
    if (check?.blocking) return checks;
  }
  const network = machine.networkFileSystem(home.path);
  if (network !== undefined) {
    checks.push({
      check: "home",
      status: allowNetwork ? "warning" : "error",
      message: `${home.path} is on a network file system (${network}), where locks may exclude nobody`,
      hint: "set PORTCLAIM_HOME to a local folder",
      ...(!allowNetwork && { blocking: true }),
    });
  }
  if (checks.length > 0) return checks;
  return [{ check: "home", status: "ok", message: `${home.path} is yours alone` }];
}

const UNSEEN: Record<string, string> = {
  ENOTDIR: "it is not a directory",
  EACCES: "this user may not look into it",
};

function checkFolder(
  machine: Machine,
  path: string,
  looked: string,
  dryRun: boolean,
): Check | undefined {
  const hint = "make it yours alone, or set PORTCLAIM_HOME";
  try {
    const problem = checkDirectory(machine, looked);
    if (problem === undefined) return undefined;
    const message = `${path}: ${problem}`;
    const stat = machine.files.stat(looked);
    const isMendable = stat.kind === "directory" && stat.uid === machine.uid;
    if (!isMendable) return { check: "home", status: "error", message, hint, blocking: true };
    if (!dryRun) machine.files.protect(looked);
    return { check: "home", status: "fixed", message };
  } catch (error) {
    const problem = UNSEEN[(error as { code?: string }).code ?? ""];
    if (problem === undefined) throw error;
    const message = `${path}: ${problem}`;
    return { check: "home", status: "error", message, hint, blocking: true };
  }
}

/** The lock must be a regular file, which somebody could take. */
export function checkLock({ machine, home }: Registry): Check {
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

/** The pool must lie outside the ports that the kernel gives to outgoing connections. */
export function checkRange({ machine, config }: Registry): Check {
  const kernel = machine.ephemeralPorts();
  const { first, last } = config.range;
  if (kernel === undefined || last < kernel.first || first > kernel.last) {
    return { check: "range", status: "ok", message: `the pool is ${first}-${last}` };
  }
  return {
    check: "range",
    status: "warning",
    message: `the pool ${first}-${last} overlaps ${kernel.first}-${kernel.last}, from which the kernel takes ports for outgoing connections`,
    hint: `set [pool] range below ${kernel.first}`,
  };
}
