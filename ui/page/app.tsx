import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Empty, NothingFits } from "./empty.tsx";
import { Events } from "./events.tsx";
import { Header } from "./header.tsx";
import { PoolMap } from "./map.tsx";
import type { Model } from "./model.ts";
import { Notice } from "./notice.tsx";
import { find, type Order, type Search, type SortKey } from "./order.ts";
import { ReapDialog } from "./reap.tsx";
import { ReleaseDialog } from "./release.tsx";
import { rowsOf } from "./rows.ts";
import { Table } from "./table.tsx";
import { useShortcut } from "./use.ts";

const EVERYTHING: Search = { text: "", kinds: new Set() };

export function App({ model }: { model: Model }) {
  const { claims, pool, poolSeen, line } = model;
  const [search, setSearch] = useState(EVERYTHING);
  const [order, setOrder] = useState<Order>({ key: "port", isDown: false });
  const [asked, setAsked] = useState<number | "reap">();
  const [said, setSaid] = useState("");
  const searchBox = useRef<HTMLInputElement>(null);
  const rows = useMemo(() => rowsOf(claims, pool, poolSeen), [claims, pool, poolSeen]);
  const shown = useMemo(() => find(rows, search), [rows, search]);
  const release = useCallback((port: number) => setAsked(port), []);
  const close = () => setAsked(undefined);
  const sort = (key: SortKey) =>
    setOrder((old) => ({ key, isDown: old.key === key && !old.isDown }));
  useShortcut("/", () => searchBox.current?.focus());
  useEffect(() => {
    document.title = claims.size === 0 ? "portclaim" : `${claims.size} · portclaim`;
  }, [claims.size]);
  const mayAct = model.mayChange && line === "live";
  return (
    <>
      <Notice model={model} />
      <Header
        {...{ model, rows, search, setSearch, searchBox, said }}
        reap={() => setAsked("reap")}
      />
      <main>
        {model.page !== undefined && claims.size === 0 && <Empty />}
        {shown.length > 0 && (
          <Table rows={shown} order={order} sort={sort} release={mayAct ? release : undefined} />
        )}
        {rows.length > 0 && shown.length === 0 && (
          <NothingFits clear={() => setSearch(EVERYTHING)} />
        )}
      </main>
      <aside>
        {pool && <PoolMap rows={rows} pool={pool} />}
        <Events feed={model.feed} />
      </aside>
      {asked === "reap" && <ReapDialog close={close} say={setSaid} />}
      {typeof asked === "number" && (
        <ReleaseDialog port={asked} claim={claims.get(asked)?.claim} close={close} say={setSaid} />
      )}
    </>
  );
}
