import type { ClaimView } from "../../registry/model/claim.ts";
import type { ReapOutcome } from "./wire.ts";

/** Sends a request that changes something. Throws an Error whose message is for people. */
async function post<T>(path: string, body: object): Promise<T> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  }).catch(() => undefined);
  if (response === undefined) throw new Error("The dashboard is not responding");
  const answer = await response.json();
  if (response.ok) return answer as T;
  throw new Error(messageOf(answer) ?? `The dashboard responded with status ${response.status}`);
}

/** A server's error as a sentence. */
function messageOf({ error }: { error?: { message: string } }): string | undefined {
  return error && `${error.message[0]?.toUpperCase()}${error.message.slice(1)}`;
}

export function reap(dryRun: boolean): Promise<ReapOutcome[]> {
  return post("/api/reap", { dry_run: dryRun });
}

/**
 * Releases a port whatever the owner of its claim, as the user has confirmed it. Without a claim, its unreadable file is
 * removed.
 */
export function release(port: number, claim: ClaimView | undefined): Promise<unknown> {
  const claimed_at = claim?.claimed_at ?? "";
  return post(`/api/claims/${port}/release`, { force: true, claimed_at });
}
