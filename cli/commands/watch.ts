import { SystemError } from "../../native/errno.ts";
import { hasReader } from "../../native/posix/stdio.ts";
import { formatTime } from "../../registry/model/time.ts";
import { type ClaimEvent, watchClaims, type WatchUpdate } from "../../registry/watch/watch.ts";
import { defineCommand } from "../command.ts";
import { openAnyway } from "../context.ts";
import { printable } from "../output/printable.ts";

export const watchCommand = defineCommand({
  name: "watch",
  about: `Prints a line for every claim, release and change of state, as it happens. With --json, each line is an object: {"event":"claimed"|"changed"|"released","at","reason","claim":{…}}. Ends when its reader exits.`,
  output: "json",
  options: { initial: { type: "flag", summary: "First print the existing claims." } },
  lasts: true,
  examples: [
    ["portclaim watch", "Print changes until Ctrl-C."],
    ["portclaim watch --initial --json | jq -r .claim.port", "Print a port per event."],
  ],
  async run(values, io) {
    const said = new Set<string>();
    const sayOnce = (text: string) => {
      if (!said.has(text)) io.say(text);
      said.add(text);
    };
    let before: WatchUpdate | undefined;
    const onError = (error: unknown) => {
      // An error at the start ends it. A later one may be fixed while it keeps watching.
      if (before === undefined || !(error instanceof Error)) throw error;
      sayOnce(error.message);
    };
    for await (const update of watchClaims(() => openAnyway(io), { onError })) {
      const isFirst = before === undefined && values.initial;
      const events = isFirst ? initial(update) : update.events;
      if (!hasReader(1)) throw new SystemError("EPIPE", "write");
      if (events.length > 0) io.print(events.map((event) => line(event, io.json)).join(""));
      for (const { port, problem } of update.unreadable) {
        sayOnce(`port ${port} is reserved by an unreadable claim file: ${problem}`);
      }
      if (before === undefined && !values.initial && !io.json && io.isWatched) {
        const count = update.claims.length;
        io.say(`watching ${count === 1 ? "1 claim" : `${count} claims`}; to stop: Ctrl-C`);
      }
      before = update;
    }
  },
});

/** The existing claims as events, so that a reader of all events knows every claim. */
function initial({ claims, registry }: WatchUpdate): ClaimEvent[] {
  const at = formatTime(registry.machine.wallClock());
  return claims.map((claim) => ({ event: "claimed", at, reason: "claimed before", claim }));
}

function line({ event, at, reason, claim }: ClaimEvent, json: boolean): string {
  if (json) return `${JSON.stringify({ event, at, reason, claim })}\n`;
  const time = new Date(at).toTimeString().slice(0, 8);
  const { port, service, project } = claim;
  return `${printable(`${time}  ${event.padEnd(8)}  ${port}  ${service} in ${project}: ${reason}`)}\n`;
}
