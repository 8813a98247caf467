import { useState } from "preact/hooks";

const COMMAND = "PORT=$(portclaim acquire --service web --prefer 3000)";

/** What to type while there are no claims. */
export function NoClaims() {
  const [isCopied, setCopied] = useState(false);
  const copy = () => navigator.clipboard.writeText(COMMAND).then(() => setCopied(true));
  return (
    <section class="empty">
      <h2>No ports claimed</h2>
      <p>Claim a port in a terminal, and it appears here:</p>
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

export function NoMatches({ clear }: { clear: () => void }) {
  return (
    <section class="empty">
      <h2>No matches</h2>
      <p>
        <button type="button" onClick={clear}>
          Clear filters
        </button>
      </p>
    </section>
  );
}
