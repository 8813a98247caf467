import type { Grant } from "../../registry/allocate/allocation.ts";
import type { Running } from "../../registry/allocate/reuse.ts";
import { BLOCKED_PORTS, FIRST_UNPRIVILEGED_PORT } from "../../registry/model/blocked-ports.ts";
import type { ClaimView } from "../../registry/model/claim.ts";
import { localUrl } from "../../registry/model/url.ts";
import { describeElsewhere } from "../../registry/query/elsewhere.ts";
import { describeSuspended } from "../../registry/query/suspended.ts";
import { quote } from "../parse/dashes.ts";
import type { Io } from "./io.ts";

/** Reports on stderr what is unusual about a granted port. */
export function warnAboutGrant({ claim, missed, takenFrom, kept, how }: Grant, io: Io): void {
  const { port } = claim;
  if (missed) io.say(`port ${missed.port} is ${missed.by}; got ${port}`);
  if (kept !== undefined) {
    io.say(`${kept} is kept for the main checkout; --prefer ${kept} takes it`);
  }
  if (takenFrom) {
    const { service, project, owner, pid } = takenFrom;
    const whose = `"${service}" in ${project} by ${owner?.command ?? "a process"} (pid ${pid})`;
    io.say(`port ${port} was claimed for ${whose}, but has long been idle`);
  }
  if (how === "reused") return;
  if (BLOCKED_PORTS.includes(port)) io.say(`warning: browsers block port ${port}`);
  if (port < FIRST_UNPRIVILEGED_PORT) {
    io.say(`warning: binding port ${port} may need privileges`);
  }
}

/** Warns that a server for the same service is already running. */
export function warnAboutRunning(running: Running, io: Io): void {
  const { port, project, service, command, server, own, suspended, single } = running;
  const facts = `${suspended ? ", suspended" : ""}${own ? ", yours" : ""}`;
  const process = `${command ?? "unknown"}, pid ${server ?? "unknown"}${facts}`;
  io.say(`${project}/${service} already listens on ${port} (${process}); this is a second port`);
  io.say(
    single === undefined
      ? "to use that one, release this claim and add --reuse"
      : `${single} refuses to run twice in one directory: use ${localUrl(port)}, and release this claim`,
  );
}

/** Reports where a claim's server really listens, what listens in its place, and whether it is suspended. */
export function warnAboutServer(claim: ClaimView, io: Io): void {
  const elsewhere = describeElsewhere(claim);
  if (elsewhere) {
    io.say(`${claim.service} ${elsewhere}`);
    const name = quote(claim.service);
    io.say(`to move it: portclaim stop ${name}, then portclaim run ${name} -- COMMAND`);
  }
  const suspended = describeSuspended(claim);
  if (suspended) io.say(`warning: ${claim.service} ${suspended}, and doesn't respond`);
  if (claim.state !== "occupied") return;
  const [first] = claim.foreign ?? [];
  const what = `${first?.command ?? "another process"} (pid ${first?.pid})`;
  io.say(`warning: ${what} listens on ${claim.port}, and doesn't belong to the claim`);
}

/** Tells a person where each server will be: "web → http://localhost:3000". */
export function announce(grants: readonly Grant[], io: Io): void {
  if (!io.isWatched) return;
  for (const { claim } of grants) io.say(`${claim.service} → ${localUrl(claim.port)}`);
}
