import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface Props {
  title: string;
  /** What its button does; absent if there is nothing to do. */
  action?: { label: string; run: () => Promise<void> } | undefined;
  close: () => void;
  children: ComponentChildren;
}

/** Asks for confirmation; Escape and "Cancel" change nothing. */
export function Dialog({ title, action, close, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const run = async () => {
    setBusy(true);
    try {
      await action?.run();
      dialog.current?.close();
    } catch (error) {
      setProblem((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby="asked" onClose={close}>
      <h2 id="asked">{title}</h2>
      {children}
      {problem && <p role="alert">{problem}</p>}
      <p class="buttons">
        <button type="button" onClick={() => dialog.current?.close()}>
          {action ? "Cancel" : "Close"}
        </button>
        {action && (
          <button type="button" class="main" disabled={isBusy} onClick={run}>
            {action.label}
            {isBusy && "…"}
          </button>
        )}
      </p>
    </dialog>
  );
}
