import type { ClaimEvent } from "../../registry/model/claim.ts";
import type { Kind } from "./rows.ts";
import { clock, printable } from "./text.ts";

/** The events, the newest first. */
export function Events({ events }: { events: readonly ClaimEvent[] }) {
  return (
    <section class="events" aria-labelledby="events">
      <h2 id="events">Events</h2>
      {events.length === 0 ? (
        <p class="dim">None yet. Claims, releases, and servers that start or stop appear here.</p>
      ) : (
        <div class="scroll" role="log" aria-labelledby="events" tabIndex={0}>
          <ol>
            {events.map((event) => (
              <Event key={`${event.at} ${event.event} ${event.claim.port}`} event={event} />
            ))}
          </ol>
        </div>
      )}
    </section>
  );
}

function Event({ event: { event, at, reason, claim } }: { event: ClaimEvent }) {
  const kind: Kind | "gone" = event === "released" ? "gone" : claim.state;
  return (
    <li>
      <time dateTime={at}>{clock(at)}</time>
      <span class={`mark ${kind}`}>
        <i class="dot" />
        <b>{claim.port}</b>
      </span>
      <span>
        {printable(claim.service)} <span class="dim">in {printable(claim.project)}</span>
        <small>{printable(reason)}</small>
      </span>
    </li>
  );
}
