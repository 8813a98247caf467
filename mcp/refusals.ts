import { RegistryError, type Reason } from "../registry/model/errors.ts";
import { hintsFor } from "../registry/model/hints.ts";
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
    return { error: facts, hint: ownHint(reason, ownPid) ?? hintsFor(reason).model };
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
  if (reason.code !== "port-taken" || reason.claim === undefined) return undefined;
  const { pid, port, service } = reason.claim;
  if (pid !== ownPid) return undefined;
  return `You hold it yourself, for "${service}": use it for that, or call portclaim_release with port ${port} first.`;
}
