import type { Process } from "../native/machine.ts";
import type { Here } from "../registry/config/checkout.ts";
import type { Snapshot } from "../registry/liveness/snapshot.ts";
import type { Claim } from "../registry/model/claim.ts";
import { isAgentCommand } from "../registry/owner/agent.ts";
import type { Caller } from "../registry/owner/caller.ts";
import { commandName, readWords } from "../registry/owner/command-name.ts";
import { isSessionHost } from "../registry/owner/session-host.ts";

/** What ending a process would cost someone else, or the agent itself. */
export type Loss = { process: Process; command: string } & (
  | { what: "claim"; claim: Claim }
  /** A server without a claim that another agent started. */
  | { what: "server"; agent: string }
  | { what: "agent" }
  /** The agent that asks, or what it runs in. */
  | { what: "itself" }
);

/** Who asks, and where. */
export interface Asker {
  caller: Caller;
  here: Here;
  session: string | undefined;
}

/** Judges processes: whose they are, and what would be lost with them. */
export class LossFinder {
  private chains: Map<number, Claim> | undefined;

  constructor(
    readonly snapshot: Snapshot,
    readonly claims: ReadonlyMap<number, { claim: Claim }>,
    readonly asker: Asker,
  ) {}

  /** What would be lost with a process; `undefined` if it is the asker's to end, or no one's. */
  lossOf(process: Process): Loss | undefined {
    const { processes, machine } = this.snapshot;
    const { caller } = this.asker;
    const command = commandName(machine, process);
    const loss = { process, command };
    if (process.pid > 1 && caller.isAncestor(process.pid)) return { ...loss, what: "itself" };
    if (processes.descendsFrom(process.pid, caller.owner.pid)) return undefined;
    if (isAgentCommand(command)) return { ...loss, what: "agent" };
    const claim = this.servedBy().get(process.pid);
    if (claim) return { ...loss, what: "claim", claim };
    const agent = this.agentAbove(process) ?? this.agentOfSession(process);
    if (agent && this.listens(process)) return { ...loss, what: "server", agent };
    // Ending a terminal ends the agent in it.
    if (!this.hosts(process)) return undefined;
    const isAgent = ({ pid }: Process) => isAgentCommand(commandName(machine, { ...process, pid }));
    return processes.someDescendant(process.pid, isAgent) ? { ...loss, what: "agent" } : undefined;
  }

  isOwn(claim: Claim): boolean {
    const { processes } = this.snapshot;
    const { caller, here, session } = this.asker;
    const { owner } = claim;
    if (session !== undefined && owner?.session === session) return true;
    if (this.snapshot.isOwn(claim) || processes.descendsFrom(claim.pid, caller.owner.pid))
      return true;
    const servers = this.snapshot.coveredListeners(claim);
    if (servers.some(({ pid }) => processes.descendsFrom(pid, caller.owner.pid))) return true;
    const isOrphan = owner?.serves === true || processes.liveness(claim) === "dead";
    const root = here.checkout?.root;
    const isHere = root === undefined ? claim.cwd === here.cwd : claim.root === root;
    // Another agent that works in this checkout may have started it, and still be there.
    return isOrphan && isHere && !servers.some((server) => this.agentAbove(server));
  }

  /** Others' claims by the processes that serve them: the listener, and what is above it up to the owner. */
  private servedBy(): Map<number, Claim> {
    if (this.chains !== undefined) return this.chains;
    this.chains = new Map();
    for (const { claim } of this.claims.values()) {
      const state = this.snapshot.state(claim);
      if (state === "dead" || state === "unknown" || this.isOwn(claim)) continue;
      const servers = this.snapshot.coveredListeners(claim);
      for (const server of servers) this.addChain(claim, server);
      // Its server hasn't bound the port yet, or another one.
      const own = claim.owner?.serves ? this.snapshot.processes.process(claim.pid) : undefined;
      if (own && this.snapshot.processes.isRunning(claim.pid, claim.owner?.start ?? null)) {
        this.addChain(claim, own);
      }
    }
    return this.chains;
  }

  private addChain(claim: Claim, server: Process): void {
    const { processes, machine } = this.snapshot;
    for (let at: Process | undefined = server; at !== undefined && at.pid > 1;) {
      const isOwner = at.pid === claim.pid;
      if (isOwner && !claim.owner?.serves) return;
      const argv = readWords(machine, at.pid);
      if (at !== server && isSessionHost(at, argv, commandName(machine, at, argv))) return;
      if (!this.chains?.has(at.pid)) this.chains?.set(at.pid, claim);
      if (isOwner) return;
      at = processes.process(at.parent);
    }
  }

  /** The name of another agent that a process descends from. */
  private agentAbove(process: Process): string | undefined {
    const { processes, machine } = this.snapshot;
    const { caller } = this.asker;
    for (let at = processes.process(process.parent); at !== undefined && at.pid > 1;) {
      if (caller.isAncestor(at.pid)) return undefined;
      const command = commandName(machine, at);
      if (isAgentCommand(command)) return command;
      at = processes.process(at.parent);
    }
    return undefined;
  }

  /** The name of another live agent whose session a process carries. Sessions are known by their claims. */
  private agentOfSession({ pid }: Process): string | undefined {
    const { processes, machine } = this.snapshot;
    for (const { claim } of this.claims.values()) {
      const { owner } = claim;
      if (owner?.session === undefined || owner.serves || this.isOwn(claim)) continue;
      if (processes.liveness(claim) !== "alive" || !processes.hasValue(pid, owner.session))
        continue;
      // An agent that another one has started carries both sessions, and so does what it starts.
      if (processes.hasValue(machine.pid, owner.session)) continue;
      // A server that has claimed its own port may outlive its agent.
      const agent = this.agentOf(claim);
      if (agent !== undefined) return agent;
    }
    return undefined;
  }

  /** The name of the other agent that owns a claim, or that the claim's owner descends from. */
  private agentOf({ pid, owner }: Claim): string | undefined {
    if (owner && isAgentCommand(owner.command)) return owner.command;
    const process = this.snapshot.processes.process(pid);
    return process && this.agentAbove(process);
  }

  /** Whether a process or one below it listens on a port. */
  private listens({ pid }: Process): boolean {
    const { listeners, processes } = this.snapshot;
    const ports = [...listeners.byPort().keys()];
    listeners.search(ports, [pid], (other) => processes.descendsFrom(other, pid));
    return ports.some((port) =>
      listeners.foundOn(port).some((other) => processes.descendsFrom(other, pid)),
    );
  }

  private hosts(process: Process): boolean {
    const { machine } = this.snapshot;
    const argv = readWords(machine, process.pid);
    return isSessionHost(process, argv, commandName(machine, process, argv));
  }
}
