import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Actions } from "./actions.ts";
import { type Asked, AskedDialog } from "./asked-dialog.tsx";
import { Drawer } from "./drawer.tsx";
import { NoClaims, NoMatches } from "./empty.tsx";
import { Events } from "./events.tsx";
import { filterRows } from "./filter-and-sort.ts";
import { focusedPort, focusRow } from "./focus-row.ts";
import { Header } from "./header.tsx";
import { useKeys } from "./keys.ts";
import { MarkedBar } from "./marked-bar.tsx";
import type { Model } from "./model.ts";
import { Notice } from "./notice.tsx";
import { usePlace } from "./place.ts";
import { PoolMap } from "./pool-map.tsx";
import { rowsOf } from "./rows.ts";
import { Table } from "./table.tsx";
import { linkTo } from "./text.ts";

export function App({ model }: { model: Model }) {
  const { claims, pool, poolSeen, connection, identity } = model;
  const [{ search, port: selected }, go] = usePlace();
  const [asked, ask] = useState<Asked>();
  const [marked, setMarked] = useState<ReadonlySet<number>>(new Set());
  const [isUnfolded, setUnfolded] = useState(false);
  const [announcement, announce] = useState("");
  const searchBox = useRef<HTMLInputElement>(null);
  const rows = useMemo(() => rowsOf(model), [claims, pool, poolSeen, identity]);
  const shown = useMemo(() => filterRows(rows, search), [rows, search]);
  const row = rows.find(({ port }) => port === selected);
  const mayChange = model.mayChange && connection === "live";
  const mark = (port: number) => setMarked((old) => old.symmetricDifference(new Set([port])));
  const select = (port: number | undefined, byKeyboard = false) => {
    go({ port });
    if (byKeyboard) setTimeout(() => document.getElementById("about")?.focus());
  };
  const copy = (port: number) => {
    const url = linkTo(port);
    // Browsers offer no clipboard to pages of other hosts without TLS: there it is shown.
    const done = navigator.clipboard?.writeText(url) ?? Promise.reject();
    done.then(
      () => announce(`Copied ${url}`),
      () => announce(url),
    );
  };
  const actions = useMemo(
    (): Actions => ({
      select,
      copy,
      mark,
      stop: (ports) => ask({ what: "stop", ports }),
      release: (ports) => ask({ what: "release", ports }),
    }),
    [],
  );
  const close = () => {
    const port = focusedPort() ?? (asked && "ports" in asked ? asked.ports[0] : undefined);
    ask(undefined);
    // The button that opened the dialog may be gone.
    setTimeout(() => document.activeElement === document.body && focusRow(port));
  };
  const escape = () => {
    if (selected !== undefined) {
      focusRow(selected);
      select(undefined);
    } else if (marked.size > 0) setMarked(new Set());
    else go({ search: "" });
  };
  useKeys(selected, {
    search: () => searchBox.current?.focus(),
    move: (port) => selected !== undefined && go({ port }),
    copy: (port) => copy(rows.find((one) => one.port === port)?.opens || port),
    mark: (port) => mayChange && mark(port),
    help: () => ask({ what: "keys" }),
    escape,
  });
  useEffect(() => {
    document.title = claims.size === 0 ? "portclaim" : `${claims.size} · portclaim`;
  }, [claims.size]);
  useEffect(() => {
    const timer = setTimeout(() => announce(""), 8000);
    return () => clearTimeout(timer);
  }, [announcement]);
  const chosen = rows.filter(({ port }) => marked.has(port));
  return (
    <div class={`page ${connection}${selected === undefined ? "" : " open"}`}>
      <Header
        {...{ model, search, searchBox, announcement }}
        total={rows.length}
        shown={shown.length}
        setSearch={(text) => go({ search: text })}
        showKeys={() => ask({ what: "keys" })}
      />
      {pool && <PoolMap {...{ rows, shown, pool, selected, select }} />}
      <main>
        {model.page !== undefined && claims.size === 0 && search === "" && (
          <NoClaims agents={identity?.agents ?? []} />
        )}
        {shown.length > 0 && (
          <Table
            {...{ selected, marked, mayChange, actions }}
            rows={shown}
            isUnfolded={isUnfolded || search !== ""}
            unfold={() => setUnfolded(!isUnfolded)}
            frozenAt={connection === "lost" ? model.frozenAt : undefined}
            search={(text) => go({ search: text })}
            cleanUp={model.mayChange ? () => ask({ what: "reap" }) : undefined}
          />
        )}
        {rows.length > 0 && shown.length === 0 && <NoMatches clear={() => go({ search: "" })} />}
      </main>
      <aside>
        {selected === undefined ? (
          <Events events={model.events} search={search} select={select} />
        ) : (
          <Drawer
            key={selected}
            {...{ row, model, actions, mayChange }}
            port={selected}
            close={escape}
          />
        )}
      </aside>
      {chosen.length > 0 && mayChange && (
        <MarkedBar rows={chosen} actions={actions} clear={() => setMarked(new Set())} />
      )}
      <Notice model={model} />
      {asked && <AskedDialog {...{ asked, rows, claims, close, announce }} />}
    </div>
  );
}
