import type { Kind } from "./rows.ts";
import { clock, printable } from "./text.ts";
import type { Change } from "./wire.ts";

/** What happened, the newest first. */
export function Events({ feed }: { feed: readonly Change[] }) {
  return (
    <section class="events" aria-labelledby="events">
      <h2 id="events">Events</h2>
      {feed.length === 0 ? (
        <p class="dim">Nothing yet. Claims, releases, and servers that come and go show here.</p>
      ) : (
        <div class="scroll" role="log" aria-labelledby="events" tabIndex={0}>
          <ol>
            {feed.map((change) => (
              <Event key={`${change.at} ${change.event} ${change.claim.port}`} change={change} />
            ))}
          </ol>
        </div>
      )}
    </section>
  );
}

function Event({ change: { event, at, reason, claim } }: { change: Change }) {
  const kind: Kind | "gone" = event === "released" ? "gone" : claim.state;
  return (
    <li>
      <time dateTime={at}>{clock(at)}</time>
      <span class={`mark ${kind}`}>
        <i class="dot" />
        <b>{claim.port}</b>
      </span>
      <span>
        {printable(claim.service)} <span class="dim">of {printable(claim.project)}</span>
        <small>{printable(reason)}</small>
      </span>
    </li>
  );
}
