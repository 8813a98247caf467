import { thisMachine } from "../../native/machine.ts";
import { openBrowser } from "../../native/posix/browser.ts";
import { DASHBOARD_PORT } from "../../registry/config/config.ts";
import { RegistryError } from "../../registry/errors/errors.ts";
import { isPort, parseDigits } from "../../registry/model/claim.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { defineCommand } from "../command.ts";
import { open } from "../context.ts";
import { UsageError } from "../exit.ts";
import { printJson } from "../output/io.ts";

export const httpCommand = defineCommand({
  name: "http",
  about: `The page shows claims, servers, the port range and the history, live, and opens, stops and releases what you choose. GET /api/claims returns what list --json prints, and GET /api/events streams what watch prints. Only this machine's own user can change anything, and only the page can stop servers.`,
  output: "json",
  options: {
    port: {
      type: "text",
      summary: `Serve on this port (default: ${DASHBOARD_PORT}), or "auto": on the next free one.`,
      value: "PORT|auto",
    },
    bind: {
      type: "text",
      summary: "Serve on this address (default: 127.0.0.1). Others can only view it.",
      value: "ADDRESS",
    },
    open: { type: "flag", summary: "Open the page in the browser." },
  },
  lasts: true,
  examples: [
    ["portclaim http --open", "Open http://127.0.0.1:8484/."],
    ["portclaim http --bind 0.0.0.0", "Let the local network view it."],
  ],
  async run(values, io) {
    const port = portOf(values.port);
    const bind = addressOf(values.bind ?? "127.0.0.1");
    const machine = thisMachine((ms) => Bun.sleep(ms));
    const reopen = async (): Promise<Registry> => ({
      ...(await open(io)),
      machine,
      by: "the dashboard",
    });
    const agents = await agentsToSetUp(io.env);
    const { startDashboard } = await import("../../ui/server/server.ts");
    const served = await withHint(startDashboard({ open: reopen, bind, port, agents }));
    const { url, others, pid } = served;
    if (io.json) printJson(io, { url, port: served.port, bind, pid });
    else io.print(`${url}\n`);
    if (others.length > 0) {
      io.say(`warning: anyone who can reach ${others.join(" or ")} sees which ports are claimed`);
      io.say("they see no commands and no directories, and can't change anything");
    }
    if (served.isOther) io.say(`the dashboard is already running (pid ${pid})`);
    if (values.open && !openBrowser(served.door, io.env))
      io.say(`no browser found; open ${served.door}`);
    if (!served.isOther) await new Promise(() => {});
  },
});

function portOf(text: string | undefined): number | "auto" {
  if (text === undefined) return DASHBOARD_PORT;
  const port = text === "auto" ? text : parseDigits(text);
  if (port === "auto" || isPort(port)) return port;
  const what = `--port: ${JSON.stringify(text)} is not a port`;
  throw new UsageError(`${what}; expected a number from 1 to 65535, or auto`);
}

function addressOf(text: string): string {
  const address = text === "localhost" ? "127.0.0.1" : text.replace(/^\[(.*)\]$/, "$1");
  const four = /^(\d{1,3}\.){3}\d{1,3}$/.test(address) && URL.canParse(`http://${address}/`);
  if (four || (address.includes(":") && URL.canParse(`http://[${address}]/`))) return address;
  throw new UsageError(
    `--bind: ${JSON.stringify(text)} is not an IP address`,
    "use --bind 127.0.0.1, or --bind 0.0.0.0 for the local network",
  );
}

/** The agents on this machine that aren't set up, as the empty page names them. */
async function agentsToSetUp(env: Record<string, string | undefined>): Promise<string[]> {
  const { placeOf, statusOf } = await import("../../setup/setup.ts");
  try {
    const status = statusOf({ place: placeOf(env) });
    return status.filter(({ state }) => state === "not set up").map(({ agent }) => agent);
  } catch {
    // This is only advice; `portclaim setup` reports what is wrong.
    return [];
  }
}

/** Gives a port that is in use its own hint. */
async function withHint<T>(starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    if (!(error instanceof RegistryError) || error.reason.code !== "port-taken") throw error;
    throw new UsageError(error.message, "use the next free port: portclaim http --port auto");
  }
}
