import type { ClaimView, PlannedServer } from "../../registry/model/claim.ts";
import type { PortDetails, ReapOutcome } from "./wire.ts";

/** Sends a request. Throws an Error whose message is for people. */
async function send<T>(path: string, body?: object): Promise<T> {
  const response = await fetch(path, {
    method: body ? "POST" : "GET",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    ...(body && { body: JSON.stringify(body) }),
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
  return send("/api/reap", { dry_run: dryRun });
}

/** What is on a port, read now. */
export function readPort(port: number): Promise<PortDetails> {
  return send(`/api/ports/${port}`);
}

/**
 * Releases a port whatever the owner of its claim, as the user has confirmed it. Without a claim, its unreadable file is
 * removed.
 */
export function release(port: number, claim: ClaimView | undefined): Promise<unknown> {
  const claimed_at = claim?.claimed_at ?? "";
  return send(`/api/claims/${port}/release`, { force: true, claimed_at });
}

/** Stops one server on a port, as the user has confirmed it. */
export function stop(
  port: number,
  { pid, start, covered }: PlannedServer,
  claim: ClaimView | undefined,
): Promise<unknown> {
  if (!covered || !claim) return send(`/api/listeners/${port}/stop`, { pid, start });
  return send(`/api/claims/${port}/stop`, { claimed_at: claim.claimed_at, pid, start });
}
