import { SystemError } from "../../native/errno.ts";
import { hasReader } from "../../native/posix/stdio.ts";
import { formatTime } from "../../registry/model/claim.ts";
import { type ClaimEvent, type WatchUpdate, watchClaims } from "../../registry/watch/watch.ts";
import type { Command } from "../command.ts";
import { open } from "../context.ts";
import type { Io } from "../output/io.ts";
import { printable } from "../output/table.ts";
import type { Parsed } from "../parse/argv.ts";

export const watchCommand: Command = {
  name: "watch",
  output: "json",
  args: {
    initial: { type: "boolean", description: "First what is claimed already" },
  },
  lasts: true,
  examples: [
    ["portclaim watch", "a line for each, until Ctrl-C"],
    ["portclaim watch --initial --json | jq -r .claim.port", "a JSON object a line"],
  ],
  run,
};

async function run(args: Parsed, io: Io): Promise<void> {
  const told = new Set<string>();
  const sayOnce = (text: string) => {
    if (!told.has(text)) io.say(text);
    told.add(text);
  };
  let before: WatchUpdate | undefined;
  const onError = (error: unknown) => {
    // What is wrong from the start ends it; what goes wrong later may be mended while it goes on.
    if (before === undefined || !(error instanceof Error)) throw error;
    sayOnce(error.message);
  };
  for await (const look of watchClaims(() => open(io), { onError })) {
    const events = before === undefined && args.has("initial") ? initial(look) : look.events;
    if (!hasReader(1)) throw new SystemError("EPIPE", "write");
    if (events.length > 0) io.print(events.map((event) => line(event, io.json)).join(""));
    for (const { port, problem } of look.unreadable) {
      sayOnce(`port ${port} is held by a claim file that can't be understood: ${problem}`);
    }
    before = look;
  }
}

/** What is claimed already, as if it were claimed now: who replays all events has it all. */
function initial({ claims, registry }: WatchUpdate): ClaimEvent[] {
  const at = formatTime(registry.machine.wallClock());
  return claims.map((claim) => ({ event: "claimed", at, reason: "claimed before", claim }));
}

function line({ event, at, reason, claim }: ClaimEvent, json: boolean): string {
  if (json) return `${JSON.stringify({ event, at, reason, claim })}\n`;
  const time = new Date(at).toTimeString().slice(0, 8);
  const { port, service, project } = claim;
  return `${printable(`${time}  ${event.padEnd(8)}  ${port}  ${service} of ${project}: ${reason}`)}\n`;
}
