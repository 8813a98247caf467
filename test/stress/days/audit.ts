import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { monotonic } from "../../../native/linux/clock.ts";
import type { Claim } from "../../../registry/model/claim.ts";
import { isLeft, isOver } from "./judge.ts";
import type { Ledger } from "./ledger.ts";
import { environmentLives, groupLives, isRunning, listening } from "./machine.ts";
import type { Town } from "./town.ts";

/** Seconds for which a claim may wait for its server, though its owner has exited. */
const JUST_CLAIMED = 10;

/** Claims of which nothing is left must be gone after one more call. Returns how many were over. */
export async function audit(town: Town, ledger: Ledger): Promise<number> {
  const claims = readClaims(town, ledger);
  const remains = claims.map((claim) => [claim, remainsOf(claim)] as const);
  // Last: what began to listen before its owner exited is seen.
  const sockets = listening();
  const over = remains
    .filter(([{ port }, left]) => isOver({ ...left, listener: sockets.has(port) }))
    .map(([claim]) => claim);
  const acquired = await town.run(["acquire", "audit", "--project", "audit"]);
  if (acquired.code !== 0) ledger.violation(`acquire ended with ${acquired.code}: ${acquired.err}`);
  const now = readClaims(town, ledger);
  for (const claim of over) {
    if (!isLeft(claim, now)) continue;
    const { port, service, cwd, pid } = claim;
    ledger.violation(`the claim of ${service} in ${cwd} on ${port} outlived its owner ${pid}`);
  }
  // Asked again within seconds, it would be given another port each time.
  await town.run(["release", "--project", "audit"]);
  return over.length;
}

/** Every claim file, as it is at this moment, and when it was written; all of them can be read. */
export function readClaims(town: Town, ledger: Ledger): (Claim & { written: bigint })[] {
  const directory = `${town.home}/claims`;
  if (!existsSync(directory)) return [];
  return readdirSync(directory).flatMap((name) => {
    if (!name.endsWith(".json")) return [];
    const path = `${directory}/${name}`;
    try {
      const written = statSync(path, { bigint: true }).ctimeNs;
      return [{ ...(JSON.parse(readFileSync(path, "utf8")) as Claim), written }];
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return [];
      ledger.violation(`claims/${name} can't be read: ${String(error)}`);
      return [];
    }
  });
}

function remainsOf({ pid, owner }: Claim) {
  const { group, throwaway, serves, mark, at, start } = owner ?? {};
  const isYoung = monotonic() - Number(at) < JUST_CLAIMED;
  const isAwaited = isYoung && throwaway !== true;
  return {
    owner: isRunning({ pid, start: start ?? undefined }),
    group: serves
      ? isYoung && mark !== undefined && environmentLives(mark)
      : group !== undefined && (isAwaited || groupLives(group)),
  };
}
