import { useEffect, useState } from "preact/hooks";

/** performance.now(), updated each second while the page is visible and `runs`. */
export function useSecond(runs: boolean): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const tick = () => document.hidden || setNow(performance.now());
    if (!runs) return undefined;
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [runs]);
  return now;
}

/** Rows that are rendered at once, so that no frame takes long. */
const STEP = 150;

/** How many of `total` rows to render: a first part, then more with each frame. */
export function useGradually(total: number): number {
  const [limit, setLimit] = useState(STEP);
  useEffect(() => {
    if (limit >= total) return undefined;
    const timer = setTimeout(() => setLimit(limit + STEP));
    return () => clearTimeout(timer);
  }, [limit, total]);
  return limit;
}
