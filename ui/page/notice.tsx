import type { Model } from "./model.ts";
import { clock, printable } from "./text.ts";

/** Why the page may be out of date. It covers the page's end rather than move anything. */
export function Notice({ model: { connection, lostAt, page, pool } }: { model: Model }) {
  return (
    <div role="alert">
      {connection === "lost" && (
        <p class="notice">
          <b>Disconnected.</b>{" "}
          {page === undefined
            ? "The dashboard is not responding."
            : `Showing the claims as of ${clock(lostAt)}.`}{" "}
          Reconnecting. If you stopped the dashboard, restart it: <code>portclaim http</code>
        </p>
      )}
      {connection !== "lost" && pool?.problem && (
        <p class="notice">
          <b>Can't read the registry.</b> {printable(pool.problem)}
        </p>
      )}
    </div>
  );
}
