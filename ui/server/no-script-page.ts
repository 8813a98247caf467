import type { ClaimView, UnclaimedListener } from "../../registry/model/claim.ts";
import { formatAge } from "../../registry/model/time.ts";
import type { ReapOutcome } from "../page/wire.ts";

// Control characters and those that reorder text are replaced: HTML can't show them.
const HIDDEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200e\u200f]/gu;

/** Text as HTML, safe between tags and in quotes. */
export const escapeText = (value: string): string =>
  Bun.escapeHTML(value.replace(HIDDEN, "\ufffd"));

/** The page for browsers without JavaScript: the claims, and a form that cleans up. */
export function noScriptPage(
  claims: readonly ClaimView[],
  unclaimed: readonly UnclaimedListener[],
  outcomes: readonly ReapOutcome[],
): string {
  const rows = [...claims.map(rowOf), ...unclaimed.map(unclaimedRow)].join("");
  const table = `<table class="plain"><caption>Claims</caption><thead><tr>${HEADINGS}</tr></thead><tbody>${rows}</tbody></table>`;
  const list = rows === "" ? "<p>No claims.</p>" : table;
  return `<main class="plain"><h1>portclaim</h1>${list}${reapForm(outcomes)}</main>`;
}

const HEADINGS = ["Port", "State", "Service", "Project", "By", "Process", "Age", "Actions"]
  .map((heading) => `<th scope="col">${heading}</th>`)
  .join("");

function rowOf(claim: ClaimView): string {
  const { port, state, service, project, agent, owner, pid, age, listeners, elsewhere } = claim;
  const process = nameOf(listeners[0] ?? { command: owner?.command ?? null, pid });
  const cells = [state, service, project, agent ?? "you", process, formatAge(age)];
  return cellsOf(port, cells, listeners.length > 0 || elsewhere !== undefined);
}

function unclaimedRow({ port, listeners: [first] }: UnclaimedListener): string {
  const process = nameOf(first ?? { command: null, pid: null });
  const age = first?.age == null ? "" : formatAge(first.age);
  return cellsOf(port, ["unclaimed", "", "", "", process, age], true);
}

const nameOf = ({ command, pid }: { command: string | null; pid: number | null }) =>
  pid === null ? "another user's process" : `${command ?? "process"} (pid ${pid})`;

function cellsOf(port: number, texts: readonly string[], mayStop: boolean): string {
  const link = `<a href="http://localhost:${port}/">${port}</a>`;
  const stop = mayStop ? `<a href="/stop/${port}" aria-label="Stop port ${port}">Stop…</a>` : "";
  const cells = [link, ...texts.map(escapeText), stop];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

function reapForm(outcomes: readonly ReapOutcome[]): string {
  const ends = outcomes.filter(({ action }) => action !== "kept");
  if (ends.length === 0) return "<p>Nothing to clean up.</p>";
  const items = ends.map(
    ({ port, service, project, reason }) =>
      `<li>${port}, ${escapeText(service)} in ${escapeText(project)}: ${escapeText(reason)}</li>`,
  );
  const button = `<button>Clean up ${ends.length === 1 ? "1 claim" : `${ends.length} claims`}</button>`;
  return `<form method="post" action="/api/reap"><h2>Clean up</h2><ul>${items.join("")}</ul>${button}</form>`;
}

/** The same for visitors from other machines. */
export function noScriptNotice(): string {
  return '<main class="plain"><h1>portclaim</h1><p>This page needs JavaScript.</p></main>';
}
