import { useEffect, useState } from "preact/hooks";

/** What the page's address says: the search, and the port whose details are open. */
export interface Place {
  search: string;
  port: number | undefined;
}

function read(): Place {
  const params = new URLSearchParams(location.search);
  const port = Number(params.get("port"));
  return { search: params.get("q") ?? "", port: port > 0 && port < 65_536 ? port : undefined };
}

function addressOf({ search, port }: Place): string {
  const params = new URLSearchParams();
  if (search) params.set("q", search);
  if (port) params.set("port", String(port));
  return params.size > 0 ? `?${params}` : location.pathname;
}

/** The place in the address bar, and how to change it. Opening details can be undone with the back button. */
export function usePlace(): [Place, (change: Partial<Place>) => void] {
  const [place, setPlace] = useState(read);
  useEffect(() => {
    const onReturn = () => setPlace(read());
    addEventListener("popstate", onReturn);
    return () => removeEventListener("popstate", onReturn);
  }, []);
  const change = (some: Partial<Place>) =>
    setPlace((old) => {
      const next = { ...old, ...some };
      const isOpening = old.port === undefined && next.port !== undefined;
      history[isOpening ? "pushState" : "replaceState"](null, "", addressOf(next));
      return next;
    });
  return [place, change];
}
