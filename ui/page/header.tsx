import type { Ref } from "preact";
import type { Model } from "./model.ts";
import { count, printable } from "./text.ts";

interface Props {
  model: Model;
  /** How many ports there are, and how many of them the search leaves. */
  total: number;
  shown: number;
  search: string;
  setSearch: (text: string) => void;
  searchBox: Ref<HTMLInputElement>;
  /** What the last action did. */
  announcement: string;
  showKeys: () => void;
}

/** The top of the page: which registry this is, and the search. */
export function Header(props: Props) {
  const { model, total, shown, search, setSearch, searchBox, announcement } = props;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    setSearch("");
    (event.currentTarget as HTMLElement).blur();
  };
  return (
    <header>
      <h1>portclaim</h1>
      <ConnectionStatus model={model} />
      <WhichOne model={model} />
      <output>{announcement}</output>
      <span class="count dim">
        {shown === total ? count(total, "port") : `${shown} of ${total}`}
      </span>
      <input
        ref={searchBox}
        type="search"
        aria-label="Search"
        aria-keyshortcuts="/"
        placeholder="Search  /"
        value={search}
        onInput={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <button type="button" class="keys" aria-label="Keyboard shortcuts" onClick={props.showKeys}>
        ?
      </button>
    </header>
  );
}

const CONNECTION_WORDS = { connecting: "connecting", live: "live", lost: "disconnected" };

function ConnectionStatus({ model: { connection, mayChange } }: { model: Model }) {
  const isReadOnly = connection === "live" && !mayChange;
  const words = isReadOnly ? "live, read-only" : CONNECTION_WORDS[connection];
  return <span class={`connection ${connection}`}>{words}</span>;
}

/** The registry, the host and the version. */
function WhichOne({ model: { identity } }: { model: Model }) {
  if (!identity) return null;
  const { registry, home = "", host, version } = identity;
  const path = registry?.startsWith(`${home}/`) ? `~${registry.slice(home.length)}` : registry;
  return (
    <span class="which dim" title={registry}>
      {[path, host, version]
        .filter(Boolean)
        .map((fact) => printable(fact ?? ""))
        .join(" · ")}
    </span>
  );
}
