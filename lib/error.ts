import { type ErrorCode, RegistryError } from "../registry/errors/errors.ts";
import { hintsFor } from "../registry/errors/hints.ts";
import { type Holder, holderOf } from "../registry/errors/holder.ts";

/** Every error of the library. `message` says what is wrong: lower case, without a period. */
export class PortclaimError extends Error {
  override name = "PortclaimError";
  /** Tells errors apart. An error of the operating system has its own code, such as `ENOSPC`. */
  readonly code: ErrorCode | (string & {});
  /** What to do about it, for a person in a terminal. */
  readonly hint?: string;
  /** What uses the port, if that is the problem. */
  readonly holder?: Holder;

  constructor(message: string, facts: { code: string; hint?: string; holder?: Holder }) {
    super(message);
    this.code = facts.code;
    if (facts.hint !== undefined) this.hint = facts.hint;
    if (facts.holder !== undefined) this.holder = facts.holder;
  }
}

/** Turns errors of the registry or the operating system into PortclaimErrors; returns others unchanged. */
export function toPortclaimError(error: unknown): unknown {
  if (error instanceof RegistryError) {
    const { message, reason } = error;
    const hint = hintsFor(reason).terminal;
    const holder = holderOf(reason);
    const facts = {
      code: reason.code,
      ...(hint !== undefined && { hint }),
      ...(holder && { holder }),
    };
    return new PortclaimError(message, facts);
  }
  const { message, code } = error as Error & { code?: unknown };
  return typeof code === "string" ? new PortclaimError(message, { code }) : error;
}
