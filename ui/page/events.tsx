import { hasAll } from "./filter-and-sort.ts";
import { clock, printable } from "./text.ts";
import type { PastEvent } from "./wire.ts";

interface Props {
  events: readonly PastEvent[];
  search: string;
  select: (port: number) => void;
}

/** What happened, the newest first, as far as it matches the search. */
export function Events({ events, search, select }: Props) {
  const shown = events.filter((event) => matches(event, search));
  return (
    <section class="events" aria-labelledby="events">
      <h2 id="events">History</h2>
      {shown.length === 0 ? (
        <p class="dim">
          {search
            ? "No matching events."
            : "Claims, releases, and servers that start or stop appear here."}
        </p>
      ) : (
        <div class="scroll" role="log" aria-labelledby="events" tabIndex={0}>
          <EventList events={shown} select={select} />
        </div>
      )}
    </section>
  );
}

const matches = ({ at: _at, ...event }: PastEvent, search: string) =>
  search === "" || hasAll(Object.values(event).join(" "), search);

interface ListProps {
  events: readonly PastEvent[];
  /** Shows a port; missing where all are of one port. */
  select?: ((port: number) => void) | undefined;
}

export function EventList({ events, select }: ListProps) {
  return (
    <ol>
      {events.map((event) => (
        <Event key={`${event.at} ${event.port} ${event.text}`} event={event} select={select} />
      ))}
    </ol>
  );
}

interface EventProps extends Pick<ListProps, "select"> {
  event: PastEvent;
}

function Event({ event: { at, port, kind, service, project, text }, select }: EventProps) {
  return (
    <li>
      <time dateTime={at} title={new Date(at).toLocaleString()}>
        {clock(at)}
      </time>
      <span class={`mark ${kind}`}>
        <i class={`dot ${kind}`} />
        {select && (
          <a
            href={`?port=${port}`}
            onClick={(click) => {
              click.preventDefault();
              select(port);
            }}
          >
            {port}
          </a>
        )}
      </span>
      <span>
        {printable(service)} <span class="dim">{project && `in ${printable(project)}`}</span>
        <small>{printable(text)}</small>
      </span>
    </li>
  );
}
