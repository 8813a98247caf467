import { type ClaimView, formatAge } from "../../registry/model/claim.ts";
import type { ReapOutcome } from "../page/wire.ts";

// Control characters and those that reorder text are replaced: HTML can't show them.
const HIDDEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200e\u200f]/gu;

/** Text as HTML, safe between tags and in quotes. */
const text = (value: string) => Bun.escapeHTML(value.replace(HIDDEN, "\ufffd"));

/** The page for browsers without JavaScript: the claims, and a form that cleans up. */
export function noScriptPage(
  claims: readonly ClaimView[],
  outcomes: readonly ReapOutcome[],
): string {
  const rows = claims.map(rowOf).join("");
  const table = `<table class="plain"><caption>Claims</caption><thead><tr>${HEADINGS}</tr></thead><tbody>${rows}</tbody></table>`;
  const list = claims.length === 0 ? "<p>No claims.</p>" : table;
  return `<main class="plain"><h1>portclaim</h1>${list}${reapForm(outcomes)}</main>`;
}

const HEADINGS = ["Port", "State", "Service", "Project", "Agent", "Owner", "Age"]
  .map((heading) => `<th scope="col">${heading}</th>`)
  .join("");

function rowOf({ port, state, service, project, agent, owner, pid, age }: ClaimView): string {
  const link = `<a href="http://localhost:${port}/">${port}</a>`;
  const process = `${owner?.command ?? "process"} (pid ${pid})`;
  const cells = [service, project, agent ?? "–", process, formatAge(age)].map(text);
  return `<tr>${[link, state, ...cells].map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

function reapForm(outcomes: readonly ReapOutcome[]): string {
  const ends = outcomes.filter(({ action }) => action !== "kept");
  if (ends.length === 0) return "<p>Nothing to clean up.</p>";
  const items = ends.map(
    ({ port, service, project, reason }) =>
      `<li>${port}, ${text(service)} in ${text(project)}: ${text(reason)}</li>`,
  );
  const button = `<button>Clean up ${ends.length === 1 ? "1 claim" : `${ends.length} claims`}</button>`;
  return `<form method="post" action="/api/reap"><h2>Clean up</h2><ul>${items.join("")}</ul>${button}</form>`;
}

/** The same for visitors from other machines. */
export function noScriptNotice(): string {
  return '<main class="plain"><h1>portclaim</h1><p>This page needs JavaScript.</p></main>';
}
