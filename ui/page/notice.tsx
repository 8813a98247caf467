import type { Model } from "./model.ts";
import { clock, printable } from "./text.ts";

/** What keeps the page from being true, at the top of it. */
export function Notice({ model: { line, lostAt, page, pool } }: { model: Model }) {
  return (
    <div role="alert">
      {line === "lost" && (
        <p class="notice">
          <b>Disconnected.</b>{" "}
          {page === undefined
            ? "The dashboard doesn't answer."
            : `This is how it was at ${clock(lostAt)}.`}{" "}
          Trying again by itself; if it was stopped, start it: <code>portclaim http</code>
        </p>
      )}
      {line !== "lost" && pool?.problem && (
        <p class="notice">
          <b>The registry can't be read.</b> {printable(pool.problem)}
        </p>
      )}
    </div>
  );
}
