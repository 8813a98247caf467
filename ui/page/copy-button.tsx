import { useState } from "preact/hooks";

/** Copies a text. Browsers offer no clipboard to pages of other hosts without TLS. */
export function CopyButton({ text }: { text: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = () => navigator.clipboard.writeText(text).then(() => setCopied(true));
  if (!("clipboard" in navigator)) return null;
  const verb = isCopied ? "Copied" : "Copy";
  return (
    <button type="button" aria-label={`${verb} ${text}`} onClick={copy}>
      {verb}
    </button>
  );
}
