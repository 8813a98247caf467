import { useEffect, useState } from "preact/hooks";
import type { ClaimView } from "../../registry/model/claim.ts";
import type { Actions } from "./actions.ts";
import { readPort } from "./api.ts";
import { CopyButton } from "./copy-button.tsx";
import { EventList } from "./events.tsx";
import { mapPortAt, mapPortsOf } from "./map-layout.ts";
import type { Model } from "./model.ts";
import { ProcessTree } from "./process-tree.tsx";
import { RowButtons } from "./row-buttons.tsx";
import { nameOf, type Row } from "./row.ts";
import { StateLabel } from "./state-label.tsx";
import { printable, processName, shortPath } from "./text.ts";
import type { Pool, PortDetails } from "./wire.ts";

interface Props {
  port: number;
  /** Missing for a port that is free. */
  row: Row | undefined;
  model: Model;
  actions: Actions;
  mayChange: boolean;
  close: () => void;
}

/** Milliseconds after which a failed request is sent again. */
const RETRY = 1000;

/** Everything about one port. */
export function Drawer({ port, row, model, actions, mayChange, close }: Props) {
  const [details, setDetails] = useState<PortDetails>();
  const claim = model.claims.get(port)?.claim;
  useEffect(() => {
    if (!mayChange) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isLatest = true;
    const read = async () => {
      const answer = await readPort(port).catch(() => undefined);
      if (!isLatest) return;
      if (answer) setDetails(answer);
      else timer = setTimeout(read, RETRY);
    };
    void read();
    return () => {
      isLatest = false;
      clearTimeout(timer);
    };
  }, [port, claim, row?.process, mayChange]);
  const states = model.events.filter((event) => event.port === port && event.isState);
  const events = [...(details?.history ?? []), ...states].toSorted((a, b) =>
    a.at < b.at ? 1 : -1,
  );
  return (
    <section class="drawer" aria-labelledby="about">
      <h2 id="about" tabIndex={-1}>
        {row ? nameOf(row) : `port ${port}`}
      </h2>
      <button type="button" class="quiet close" aria-label="Close details" onClick={close}>
        ✕
      </button>
      {row ? (
        <StateLabel kind={row.kind} />
      ) : (
        <p class="dim">{model.pool && textOf(port, model.pool)}</p>
      )}
      {row?.note && <p class="note">{row.note}</p>}
      {row && (
        <div class="act">
          <RowButtons row={row} actions={actions} mayChange={mayChange} />
        </div>
      )}
      <Facts row={row} claim={claim} details={details} home={model.identity?.home} />
      {details?.servers.map(({ tree, pid }) => (
        <ProcessTree key={pid} tree={tree} />
      ))}
      <h3>History</h3>
      {events.length > 0 ? <EventList events={events} /> : <p class="dim">Nothing yet.</p>}
    </section>
  );
}

/** The description of a port without a row. */
const textOf = (port: number, pool: Pool) => mapPortAt(mapPortsOf([], [], pool), pool, port).text;

interface FactsProps {
  row: Row | undefined;
  claim: ClaimView | undefined;
  details: PortDetails | undefined;
  home: string | undefined;
}

function Facts({ row, claim, details, home }: FactsProps) {
  const listeners = claim?.listeners ?? [];
  const facts: Record<string, string | null | undefined> = {
    Project: claim?.project,
    Branch: row?.branch,
    Directory: row && shortPath(row.path, undefined, home),
    By: row?.agent,
    Owner: claim && processName(claim.owner?.command, claim.pid),
    Claimed: claim && new Date(claim.claimed_at).toLocaleString(),
    Lease: claim?.lease,
    Listens: listeners.flatMap(({ addresses }) => addresses).join(", ") || row?.addresses,
    File: claim && details && shortPath(details.file, undefined, home),
  };
  return (
    <dl class="facts">
      {Object.entries(facts).map(
        ([name, value]) =>
          value && (
            <>
              <dt>{name}</dt>
              <dd>{printable(value)}</dd>
            </>
          ),
      )}
      {claim && (
        <>
          <dt>.env</dt>
          <dd>
            <code>PORT={claim.port}</code> <CopyButton text={`PORT=${claim.port}`} />
          </dd>
        </>
      )}
    </dl>
  );
}
