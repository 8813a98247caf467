import { planStop } from "../../registry/control/stop-plan.ts";
import type { PlannedServer } from "../../registry/model/claim.ts";
import { ClaimStore } from "../../registry/store/claims.ts";
import type { Page } from "./bundle.ts";
import type { Handler } from "./handler.ts";
import { HttpError } from "./http-error.ts";
import { escapeText } from "./no-script-page.ts";
import { respond } from "./response.ts";

/** Answers `GET /stop/PORT`: the page that asks before a server is stopped, for browsers without JavaScript. */
export const askToStop: Handler = async ({ open, page }, _request, { isTrusted }, port) => {
  if (!isTrusted) throw new HttpError(403, "read-only", "only this machine may stop servers");
  const registry = await open();
  const claim = new ClaimStore(registry.machine, registry.home).readAll().claims.get(port)?.claim;
  const servers = planStop(registry, port);
  const forms = servers.map((server) => ask(server, port, claim?.claimed_at));
  const nothing = `<p>No server that can be stopped from here listens on port ${port}.</p>`;
  return plainPage(page, `Stop port ${port}`, forms.length > 0 ? forms.join("") : nothing);
};

/** Says why a server wasn't stopped. */
export function stopProblem(page: Page, { status, message }: HttpError): Response {
  return plainPage(page, "Not stopped", `<p role="alert">${escapeText(message)}</p>`, status);
}

function ask(server: PlannedServer, port: number, claimedAt: string | undefined): string {
  const { pid, start, command, commandLine, cwd, processes, also, covered, refusal } = server;
  const name = escapeText(`${command} (pid ${pid})`);
  const facts = [
    `<p><code>${escapeText(commandLine)}</code></p>`,
    cwd === null ? "" : `<p>in ${escapeText(cwd)}</p>`,
    processes.length === 0
      ? ""
      : `<p>Ends with it: ${processes.map((one) => escapeText(`${one.command} (pid ${one.pid})`)).join(", ")}</p>`,
    also.length === 0
      ? ""
      : `<p>Ports that end with it: ${also.map((one) => escapeText(`${one.port} ${one.service ?? ""}`)).join(", ")}</p>`,
  ].join("");
  if (refusal !== undefined) return `<h2>${name}</h2>${facts}<p>${escapeText(refusal)}</p>`;
  const isClaimed = covered && claimedAt !== undefined;
  const fields = { pid: String(pid), start, ...(isClaimed && { claimed_at: claimedAt }) };
  const inputs = Object.entries(fields)
    .map(([key, value]) => `<input type="hidden" name="${key}" value="${escapeText(value)}">`)
    .join("");
  const action = `/api/${isClaimed ? "claims" : "listeners"}/${port}/stop`;
  return `<form method="post" action="${action}"><h2>Stop ${name}?</h2>${facts}${inputs}<button>Stop ${escapeText(command)} on ${port}</button></form>`;
}

function plainPage({ html, policy }: Page, title: string, body: string, status = 200): Response {
  const style = /<style>.*?<\/style>/s.exec(html)?.[0] ?? "";
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} · portclaim</title>${style}`;
  const main = `<main class="plain"><h1>${title}</h1>${body}<p><a href="/">Back</a></p></main>`;
  return respond(
    `<!doctype html><html lang="en"><head>${head}</head><body>${main}</body></html>`,
    { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy },
    status,
  );
}
