import { useEffect, useRef } from "preact/hooks";
import { focusedPort, focusRow, portAfter } from "./focus-row.ts";

interface KeyActions {
  search: () => void;
  /** The focus moves to another row. */
  move: (port: number) => void;
  copy: (port: number) => void;
  mark: (port: number) => void;
  help: () => void;
  escape: () => void;
}

/** The keyboard shortcuts. They are about the row with the focus, else about the selected one. */
export function useKeys(selected: number | undefined, actions: KeyActions): void {
  const current = () => focusedPort() ?? selected;
  const walk = (step: number) => {
    const next = portAfter(current(), step);
    if (next === undefined) return;
    actions.move(next);
    focusRow(next);
  };
  const withCurrent = (act: (port: number) => void) => () => {
    const port = current();
    if (port !== undefined) act(port);
  };
  const [down, up] = [() => walk(1), () => walk(-1)];
  useShortcuts({
    "/": actions.search,
    j: down,
    ArrowDown: down,
    k: up,
    ArrowUp: up,
    c: withCurrent(actions.copy),
    x: withCurrent(actions.mark),
    "?": actions.help,
    Escape: actions.escape,
  });
}

/** Calls the action of a key that is pressed outside of inputs and dialogs. */
function useShortcuts(actions: Record<string, () => void>): void {
  const current = useRef(actions);
  current.current = actions;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, altKey, target } = event;
      const isTyping = (target as Element).closest("input:not([type=checkbox]), dialog");
      const action = current.current[key];
      if (!action || ctrlKey || metaKey || altKey || isTyping) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
