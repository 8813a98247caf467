import { Dialog } from "./dialog.tsx";

const KEYS = {
  "j  k": "Next, previous row",
  Enter: "Details",
  c: "Copy URL",
  x: "Select, to stop or release several",
  "/": "Search",
  Esc: "Close, clear",
};

export function KeysDialog({ close }: { close: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" close={close}>
      <dl class="facts">
        {Object.entries(KEYS).map(([key, what]) => (
          <>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
    </Dialog>
  );
}
