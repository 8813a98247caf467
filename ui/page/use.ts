import { useEffect, useState } from "preact/hooks";

/** performance.now(), anew each second while somebody may look: ages grow. */
export function useSecond(): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setNow(performance.now());
    }, 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Rows that are drawn in one go, so that no frame takes long. */
const STEP = 150;

/** How many of `total` rows to draw: some at once, and more from frame to frame until all are. */
export function useGradually(total: number): number {
  const [limit, setLimit] = useState(STEP);
  useEffect(() => {
    if (limit >= total) return undefined;
    const timer = setTimeout(() => setLimit(limit + STEP));
    return () => clearTimeout(timer);
  }, [limit, total]);
  return limit;
}

/** Calls `action` when a key is pressed where nobody types. */
export function useShortcut(key: string, action: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const isTyping = (event.target as Element).closest("input, dialog");
      if (event.key !== key || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}
