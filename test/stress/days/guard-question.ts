import type { Random } from "../random.ts";
import type { Calls } from "./calls.ts";
import type { GuardCase } from "./judge.ts";
import type { Server, Worker } from "./known.ts";
import type { Ledger } from "./ledger.ts";
import { descends, isRunning } from "./machine.ts";

/** A way to end a server that an agent may try. */
export interface Attempt {
  kind: "kill" | "pkill" | "lsof" | "kill-port";
  line: string;
}

export function drawAttempt(random: Random, { id, port }: Server, pid: number): Attempt {
  const attempts: Attempt[] = [
    { kind: "kill", line: `kill -9 ${pid}` },
    { kind: "pkill", line: `pkill -9 -f ${id}` },
    { kind: "lsof", line: `lsof -ti:${port} | xargs kill -9` },
    { kind: "kill-port", line: `npx -y kill-port ${port}` },
  ];
  return random.pick(attempts) as Attempt;
}

/** Asks the guard as an agent's hook does; returns whether it denied, and all that it said. */
export async function askGuard(calls: Calls, agent: string, line: string) {
  const { cwd } = calls.place;
  const asked = { hook_event_name: "PreToolUse", cwd, tool_input: { command: line } };
  const { code, out, err } = await calls.shell(
    `${calls.command} guard ${agent}`,
    JSON.stringify(asked),
  );
  return { denied: out.includes("deny"), said: `${code} ${out}${err}` };
}

/** What is known of a server that the guard is asked about; nothing where something is in doubt. */
export function caseOf(
  ledger: Ledger,
  asker: Worker,
  server: Server,
  pid: number,
): Omit<GuardCase, "denied"> | undefined {
  const promised = ledger.on(server.claimed);
  if (server.doubts > 0 || !isRunning(server.process)) return undefined;
  if (promised && promised.doubts > 0) return undefined;
  const { worker, place } = server;
  const live = isRunning(worker.process);
  const sameCheckout = place.root === asker.place.root;
  const isBelow = descends(pid, worker.process.pid);
  const isClaimed = promised?.place === place;
  // In one checkout, a server below no agent may be the asker's, whatever session started it.
  const proven = isBelow || (isClaimed && !sameCheckout);
  return { own: worker === asker, live, proven, isFree: sameCheckout };
}
