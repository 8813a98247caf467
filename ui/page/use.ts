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
