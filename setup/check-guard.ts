import { readFileSync } from "node:fs";
import { join } from "node:path";
import { unless } from "../native/errno.ts";
import type { Config } from "../registry/config/config.ts";
import type { Check } from "../registry/maintain/doctor.ts";
import { HOOKS } from "./agents/hooks.ts";
import type { Place } from "./place.ts";

/**
 * Whether the guard answers the agents whose hooks call it: nothing without such a hook. `config` is
 * `undefined` if it can't be read.
 */
export function checkGuard(
  place: Place,
  directory: string,
  config: Pick<Config, "guard"> | undefined,
): Check[] {
  const agents = Object.entries(HOOKS)
    .filter(([, { user, project }]) =>
      [user(place), ...(project ? [join(directory, project)] : [])].some(callsGuard),
    )
    .map(([name]) => name);
  if (agents.length === 0) return [];
  const asked = `though the hooks of ${agents.join(", ")} ask it`;
  if (place.env["PORTCLAIM_GUARD"] === "off") {
    const message = `the guard is off where PORTCLAIM_GUARD=off is set, as it is here, ${asked}`;
    return [{ check: "guard", status: "warning", message, hint: "unset PORTCLAIM_GUARD" }];
  }
  if (config === undefined) {
    const message = `the guard lets every command through while config.toml is broken, ${asked}`;
    return [{ check: "guard", status: "warning", message }];
  }
  if (!config.guard) {
    const message = `the guard is off by config.toml, ${asked}`;
    const hint =
      "set enabled = true under [guard], or take the hook out: portclaim setup AGENT --guard --remove";
    return [{ check: "guard", status: "warning", message, hint }];
  }
  return [{ check: "guard", status: "ok", message: `the guard answers ${agents.join(", ")}` }];
}

/** A hook that runs the guard, or, among the `enabledPlugins` of Claude Code, the plugin that brings one. */
const CALL = /\bportclaim'? guard |"portclaim@[^"]*"\s*:\s*true\b/;

/** Whether a file of hooks calls the guard. */
function callsGuard(path: string): boolean {
  const text = unless(["ENOENT", "ENOTDIR", "EACCES", "EISDIR"], () => readFileSync(path, "utf8"));
  return text !== undefined && CALL.test(text);
}
