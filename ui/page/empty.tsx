import { useState } from "preact/hooks";

const COMMAND = "PORT=$(portclaim acquire --service web --prefer 3000)";

/** What to type while no port is claimed. */
export function Empty() {
  const [isCopied, setCopied] = useState(false);
  const copy = () => navigator.clipboard.writeText(COMMAND).then(() => setCopied(true));
  return (
    <section class="empty">
      <h2>No port is claimed</h2>
      <p>Claim one in a terminal, and it shows here at once:</p>
      <p class="command">
        <code>{COMMAND}</code>
        {"clipboard" in navigator && (
          <button type="button" onClick={copy}>
            {isCopied ? "Copied" : "Copy"}
          </button>
        )}
      </p>
    </section>
  );
}

export function NothingFits({ clear }: { clear: () => void }) {
  return (
    <section class="empty">
      <h2>Nothing fits</h2>
      <p>
        <button type="button" onClick={clear}>
          Show everything
        </button>
      </p>
    </section>
  );
}
