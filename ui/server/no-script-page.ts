import { type ClaimView, formatAge } from "../../registry/model/claim.ts";
import type { ReapOutcome } from "../page/wire.ts";

// Controls and what reorders text are left out: HTML has no way to show them.
const HIDDEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200e\u200f]/gu;

/** Text that is only ever text, between tags and in quotes. */
const text = (value: string) => Bun.escapeHTML(value.replace(HIDDEN, "\ufffd"));

/** What a browser without JavaScript sees: the claims, and reaping, with what it would do. */
export function plainPage(claims: readonly ClaimView[], outcomes: readonly ReapOutcome[]): string {
  const rows = claims.map(rowOf).join("");
  const table = `<table class="plain"><caption>Claims</caption><thead><tr>${HEADINGS}</tr></thead><tbody>${rows}</tbody></table>`;
  const list = claims.length === 0 ? "<p>No port is claimed.</p>" : table;
  return `<main class="plain"><h1>portclaim</h1>${list}${reapForm(outcomes)}</main>`;
}

const HEADINGS = ["Port", "State", "Service", "Project", "Agent", "Owner", "Age"]
  .map((heading) => `<th scope="col">${heading}</th>`)
  .join("");

function rowOf({ port, state, service, project, agent, owner, pid, age }: ClaimView): string {
  const link = `<a href="http://localhost:${port}/">${port}</a>`;
  const who = `${owner?.command ?? "process"} (${pid})`;
  const cells = [service, project, agent ?? "–", who, formatAge(age)].map(text);
  return `<tr>${[link, state, ...cells].map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

function reapForm(outcomes: readonly ReapOutcome[]): string {
  const ends = outcomes.filter(({ action }) => action !== "kept");
  if (ends.length === 0) return "<p>Nothing is to be reaped.</p>";
  const items = ends.map(
    ({ port, service, project, reason }) =>
      `<li>${port} (${text(service)} of ${text(project)}): ${text(reason)}</li>`,
  );
  const button = `<button>Reap ${ends.length === 1 ? "it" : `these ${ends.length}`}</button>`;
  return `<form method="post" action="/api/reap"><h2>To be reaped</h2><ul>${items.join("")}</ul>${button}</form>`;
}

/** The same for who may only look. */
export function plainNotice(): string {
  return '<main class="plain"><h1>portclaim</h1><p>This page needs JavaScript.</p></main>';
}
