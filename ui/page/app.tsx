import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { NoClaims, NoMatches } from "./empty.tsx";
import { Events } from "./events.tsx";
import { type Filter, filterRows, type SortKey, type SortOrder } from "./filter-and-sort.ts";
import { Header } from "./header.tsx";
import { useShortcut } from "./hooks.ts";
import type { Model } from "./model.ts";
import { Notice } from "./notice.tsx";
import { PoolMap } from "./pool-map.tsx";
import { ReapDialog } from "./reap-dialog.tsx";
import { ReleaseDialog } from "./release-dialog.tsx";
import { rowsOf } from "./rows.ts";
import { Table } from "./table.tsx";

const NO_FILTER: Filter = { text: "", kinds: new Set() };

export function App({ model }: { model: Model }) {
  const { claims, pool, poolSeen, connection } = model;
  const [filter, setFilter] = useState(NO_FILTER);
  const [order, setOrder] = useState<SortOrder>({ key: "port", isDescending: false });
  const [dialog, setDialog] = useState<number | "reap">();
  const [announcement, announce] = useState("");
  const searchBox = useRef<HTMLInputElement>(null);
  const rows = useMemo(() => rowsOf(claims, pool, poolSeen), [claims, pool, poolSeen]);
  const shown = useMemo(() => filterRows(rows, filter), [rows, filter]);
  const release = useCallback((port: number) => setDialog(port), []);
  const close = () => setDialog(undefined);
  const sort = (key: SortKey) =>
    setOrder((old) => ({ key, isDescending: old.key === key && !old.isDescending }));
  useShortcut("/", () => searchBox.current?.focus());
  useEffect(() => {
    document.title = claims.size === 0 ? "portclaim" : `${claims.size} · portclaim`;
  }, [claims.size]);
  const mayAct = model.mayChange && connection === "live";
  return (
    <>
      <Notice model={model} />
      <Header
        {...{ model, rows, filter, setFilter, searchBox, announcement }}
        reap={() => setDialog("reap")}
      />
      <main>
        {model.page !== undefined && claims.size === 0 && <NoClaims />}
        {shown.length > 0 && (
          <Table rows={shown} order={order} sort={sort} release={mayAct ? release : undefined} />
        )}
        {rows.length > 0 && shown.length === 0 && <NoMatches clear={() => setFilter(NO_FILTER)} />}
      </main>
      <aside>
        {pool && <PoolMap rows={rows} pool={pool} />}
        <Events events={model.events} />
      </aside>
      {dialog === "reap" && <ReapDialog close={close} announce={announce} />}
      {typeof dialog === "number" && (
        <ReleaseDialog
          port={dialog}
          claim={claims.get(dialog)?.claim}
          close={close}
          announce={announce}
        />
      )}
    </>
  );
}
