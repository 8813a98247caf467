import { RegistryError, type Reason } from "../registry/model/errors.ts";
import type { Registry } from "../registry/store/registry.ts";
import { type BriefClaim, lookAt } from "./views.ts";

/** What a call failed with, as its client is told. */
export interface Failure {
  error: { code: string; message: string; holder?: BriefClaim; choices?: string[] };
  /** What to do next. */
  hint: string;
}

/** Turns an error into what a model can act on. `undefined` for one that is a bug of ours. */
export function failureOf(
  error: unknown,
  registry: Registry | undefined,
  ownPid: number | undefined,
): Failure | undefined {
  if (error instanceof RegistryError) {
    const { message, reason } = error;
    const claim = "claim" in reason ? reason.claim : undefined;
    const choices = "choices" in reason ? reason.choices : undefined;
    const holder = claim && registry && { holder: lookAt(registry, claim) };
    const facts = { code: reason.code, message, ...holder, ...(choices && { choices }) };
    return { error: facts, hint: ownHint(reason, ownPid) ?? hintFor(reason) };
  }
  const { name, code, call, path } = error as Error & Record<string, string | undefined>;
  if (name === "SystemError") {
    const message = `Cannot ${call}${path === undefined ? "" : ` ${path}`}: ${code}`;
    const hint = "Tell the user: the registry can't be used as it is.";
    return { error: { code: code ?? "system", message }, hint };
  }
  if (code === "E_FFI") {
    const message = "Cannot change claims: this server may not compile calls to libc";
    const hint =
      "portclaim_find and portclaim_list still work. Tell the user: the server needs a JIT.";
    return { error: { code, message }, hint };
  }
  return undefined;
}

/** What to do about a port that the caller itself has. */
function ownHint(reason: Reason, ownPid: number | undefined): string | undefined {
  if (reason.code !== "taken" || reason.claim === undefined) return undefined;
  const { pid, port, service } = reason.claim;
  if (pid !== ownPid) return undefined;
  return `You hold it yourself, for "${service}": use it for that, or call portclaim_release with port ${port} first.`;
}

const ANOTHER_PORT = "call portclaim_acquire without exact to get another port";

const INVALID: Record<string, string> = {
  cwd: "Call again with cwd set to the absolute path of your project's directory.",
  environment: "Tell the user to correct it in this server's configuration.",
};

function hintFor(reason: Reason): string {
  switch (reason.code) {
    case "invalid":
      return INVALID[reason.what] ?? "Correct the argument and call again.";
    case "taken":
      return `Leave that port alone and ${ANOTHER_PORT}; if you only want to reach what runs there, connect to it.`;
    case "no-port":
      return "Call portclaim_list to see who has them and portclaim_reap to free what is idle. If none gets free, tell the user that [pool] range in config.toml is used up.";
    case "not-found":
      return reason.choices?.length
        ? `Claimed services are: ${reason.choices.join(", ")}. To start a new one, call portclaim_acquire.`
        : "Call portclaim_list to see what is claimed. To start something new, call portclaim_acquire.";
    case "ambiguous":
      return `Call again with project set to one of: ${reason.choices.join(", ")}.`;
    case "not-yours":
      return `Leave it to its owner and ${ANOTHER_PORT}. If its owner is gone, portclaim_reap frees it. Only the user may force it, in a terminal: portclaim release ${reason.port} --force`;
    case "unreadable-claim":
      return "Use another port, and tell the user: portclaim doctor, in a terminal, puts such files aside.";
    case "locked":
      return "Another process is changing the registry. Call again in a few seconds.";
    case "no-owner":
      return "The program that started this server has ended. Tell the user to restart it.";
    case "config":
      return `Tell the user to mend ${reason.path}; nothing can be claimed until then.`;
    case "unsafe-home":
      return `Tell the user: ${reason.path} must belong to them alone (chmod 700).`;
    case "network-home":
      return "Tell the user to set PORTCLAIM_HOME to a local folder in this server's configuration.";
    case "no-home":
      return "Tell the user to set PORTCLAIM_HOME to an absolute path in this server's configuration.";
    default:
      return "Call portclaim_list to see what is claimed.";
  }
}
