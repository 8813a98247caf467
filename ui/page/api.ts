import type { ReapOutcome } from "./wire.ts";

/** Asks the server to do something; throws an Error whose message is for people. */
async function post<T>(path: string, body: object): Promise<T> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  }).catch(() => undefined);
  if (response === undefined) throw new Error("The dashboard doesn't answer");
  const answer = await response.json();
  if (response.ok) return answer as T;
  throw new Error(answer.error?.message ?? `The dashboard answered ${response.status}`);
}

export function reap(dryRun: boolean): Promise<ReapOutcome[]> {
  return post("/api/reap", { dry_run: dryRun });
}

/** Releases a port whoever owns it: the person who looks at it has said so. */
export function release(port: number, claimedAt: string | undefined): Promise<unknown> {
  return post(`/api/claims/${port}/release`, {
    force: true,
    ...(claimedAt !== undefined && { claimed_at: claimedAt }),
  });
}
