import type { Claim } from "../registry/model/claim.ts";
import { isPlainName, plainCommand, plainService } from "../registry/model/plain-names.ts";
import type { Asker, Loss } from "./losses.ts";

/** What would be lost, and what to do instead: two or three sentences for a model. */
export function denial(loss: Loss, { here }: Pick<Asker, "here">): string {
  const process = `${plainCommand(loss.command)}, pid ${loss.process.pid}`;
  if (loss.what === "itself") {
    return `This would end the agent that runs this command, or the terminal that it runs in (${process}). ${INSTEAD}`;
  }
  if (loss.what === "agent") {
    return `This would end another agent that works on this machine (${process}). ${INSTEAD}`;
  }
  if (loss.what === "server") {
    return `This would end a server (${process}) that another agent, ${plainCommand(loss.agent)}, has started. ${INSTEAD}`;
  }
  const where = loss.claim.root === here.checkout?.root ? "this checkout" : "another directory";
  const what = `${plainService(loss.claim)} on port ${loss.claim.port} (${process})`;
  return `This would end ${what}, which belongs to ${ownerOf(loss.claim)} in ${where}. ${INSTEAD}`;
}

/** Why `--force` needs the user's word. */
export function question({ port, ...claim }: Claim): string {
  return `${plainService({ port, ...claim })} on port ${port} belongs to ${ownerOf({ port, ...claim })}. Only the user may force this: ask them to run it, or leave it alone.`;
}

const INSTEAD =
  "Leave it running. To end a server of your own: portclaim stop SERVICE (portclaim list shows them). " +
  "To start one although its port is taken: portclaim run SERVICE -- COMMAND takes a free port.";

/** "another session of claude-code", "a person" */
function ownerOf({ agent }: Claim): string {
  if (agent === null) return "a person or a script";
  return isPlainName(agent) ? `another session of ${agent}` : "another agent";
}
