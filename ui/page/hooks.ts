import { useEffect, useState } from "preact/hooks";

/** performance.now(), updated each second while the page is visible. */
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

/** Calls `action` when a key is pressed outside of inputs and dialogs. */
export function useShortcut(key: string, action: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isTyping = (event.target as Element).closest("input, dialog");
      if (event.key !== key || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
