import type { Ref } from "preact";
import type { Filter } from "./filter-and-sort.ts";
import type { Model } from "./model.ts";
import { type Kind, KINDS, type Row } from "./rows.ts";

interface Props {
  model: Model;
  rows: readonly Row[];
  filter: Filter;
  setFilter: (filter: Filter) => void;
  searchBox: Ref<HTMLInputElement>;
  /** What the last action did. */
  announcement: string;
  reap: () => void;
}

/** The top of the page: the count of each state, the search, and the button that cleans up. */
export function Header(props: Props) {
  const { model, rows, filter, setFilter, searchBox, announcement, reap } = props;
  const { text, kinds } = filter;
  const toggle = (kind: Kind) =>
    setFilter({ text, kinds: kinds.symmetricDifference(new Set([kind])) });
  const counts = Map.groupBy(rows, ({ kind }) => kind);
  return (
    <header>
      <h1>portclaim</h1>
      <ConnectionStatus model={model} />
      <div class="kinds" role="group" aria-label="Show only">
        {KINDS.filter((kind) => counts.has(kind) || kinds.has(kind)).map((kind) => (
          <button
            key={kind}
            type="button"
            class={`mark ${kind}`}
            aria-pressed={kinds.has(kind)}
            onClick={() => toggle(kind)}
          >
            <i class="dot" />
            {counts.get(kind)?.length ?? 0} {kind}
          </button>
        ))}
      </div>
      <output>{announcement}</output>
      <input
        ref={searchBox}
        type="search"
        aria-label="Search"
        aria-keyshortcuts="/"
        placeholder="Search  /"
        value={text}
        onInput={(event) => setFilter({ text: event.currentTarget.value, kinds })}
      />
      {model.mayChange && (
        <button type="button" disabled={model.connection !== "live"} onClick={reap}>
          Clean up…
        </button>
      )}
    </header>
  );
}

const CONNECTION_WORDS = { connecting: "connecting", live: "live", lost: "disconnected" };

function ConnectionStatus({ model: { connection, mayChange } }: { model: Model }) {
  const isReadOnly = connection === "live" && !mayChange;
  const words = isReadOnly ? "live, read-only" : CONNECTION_WORDS[connection];
  return <span class={`connection ${connection}`}>{words}</span>;
}
