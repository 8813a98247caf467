import type { Random } from "../random.ts";
import type { Desk } from "./agents.ts";
import type { Promised, Server } from "./known.ts";
import type { Ledger } from "./ledger.ts";
import { listenerOf } from "./listener.ts";
import { isRunning } from "./machine.ts";
import type { Town } from "./town.ts";

export const SERVICES = ["web", "api", "db"];

/** What an agent's operation may use. */
export interface Scene extends Desk {
  town: Town;
  ledger: Ledger;
  random: Random;
  /** There is nothing to do an operation to: it isn't counted. */
  skip: () => void;
}

export type Operation = (scene: Scene) => Promise<void>;

export const drawService = ({ random }: Scene): string => random.pick(SERVICES) ?? "web";

/** A port to prefer, often one that another has. */
export function drawPort({ random, town, ledger }: Scene): number {
  const taken = random.pick([...ledger.promises]);
  if (taken && random.chance(0.4)) return taken.port;
  return town.ports.first + random.below(town.ports.last - town.ports.first - 20);
}

export const ownServers = ({ ledger, worker }: Scene): Server[] =>
  [...ledger.servers].filter((server) => server.worker === worker && server.doubts === 0);

/** A server of the agent that listens on the port that it has claimed. */
export function drawListening(scene: Scene): { server: Server; promised: Promised } | undefined {
  const servers = ownServers(scene).filter(({ kind, port, claimed }) => {
    return kind !== "supervised" && port === claimed && scene.ledger.on(claimed) !== undefined;
  });
  const server = scene.random.pick(servers);
  const promised = server && scene.ledger.on(server.claimed);
  return server && promised && { server, promised };
}

/** Whether a server still runs with the claim that it had, and nothing is about to end either. */
export function isUntouched(
  { ledger, town }: Scene,
  { server, promised }: { server: Server; promised: Promised },
): boolean {
  return (
    server.doubts + promised.doubts === 0 &&
    ledger.promises.has(promised) &&
    isRunning(server.process) &&
    listenerOf(town, server) !== undefined
  );
}
