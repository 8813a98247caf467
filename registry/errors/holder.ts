import { type Claim, withoutSecrets } from "../model/claim.ts";
import type { Reason } from "./errors.ts";

/** What uses a port that was refused. */
export interface Holder {
  port: number;
  /** Its claim; missing if a process listens there without one. */
  claim?: Claim;
  /** As text: "in use by node (pid 4711)". */
  by: string;
}

/** What uses the port that an error is about; `undefined` if it is about something else. */
export function holderOf(reason: Reason): Holder | undefined {
  if (reason.code === "port-taken") {
    const { port, by, claim } = reason;
    return { port, by, ...(claim && { claim: withoutSecrets(claim) }) };
  }
  if (reason.code !== "not-owner") return undefined;
  const { port, claim } = reason;
  const by = `claimed by ${claim.owner?.command ?? "process"} (pid ${claim.pid})`;
  return { port, by, claim: withoutSecrets(claim) };
}
