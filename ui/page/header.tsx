import type { Ref } from "preact";
import type { Model } from "./model.ts";
import type { Search } from "./order.ts";
import { type Kind, KINDS, type Row } from "./rows.ts";

interface Props {
  model: Model;
  rows: readonly Row[];
  search: Search;
  setSearch: (search: Search) => void;
  searchBox: Ref<HTMLInputElement>;
  said: string;
  reap: () => void;
}

/** The top of the page: how many of what, the search, and the reaper. */
export function Header(props: Props) {
  const { model, rows, search, setSearch, searchBox, said, reap } = props;
  const { text, kinds } = search;
  const toggle = (kind: Kind) =>
    setSearch({ text, kinds: kinds.symmetricDifference(new Set([kind])) });
  const counts = Map.groupBy(rows, ({ kind }) => kind);
  return (
    <header>
      <h1>portclaim</h1>
      <Line model={model} />
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
      <output>{said}</output>
      <input
        ref={searchBox}
        type="search"
        aria-label="Search"
        aria-keyshortcuts="/"
        placeholder="Search  /"
        value={text}
        onInput={(event) => setSearch({ text: event.currentTarget.value, kinds })}
      />
      {model.mayChange && (
        <button type="button" disabled={model.line !== "live"} onClick={reap}>
          Reap…
        </button>
      )}
    </header>
  );
}

const LINES = { opening: "connecting", live: "live", lost: "disconnected" };

function Line({ model: { line, mayChange } }: { model: Model }) {
  const isGuest = line === "live" && !mayChange;
  return <span class={`line ${line}`}>{isGuest ? "live, to look at only" : LINES[line]}</span>;
}
