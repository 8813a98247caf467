import { thisMachine } from "../../native/machine.ts";
import { openBrowser } from "../../native/posix/browser.ts";
import { DASHBOARD_PORT } from "../../registry/config/config.ts";
import { RegistryError } from "../../registry/model/errors.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { type Command, UsageError } from "../command.ts";
import { open } from "../context.ts";
import { type Io, printJson } from "../output/io.ts";
import type { Parsed } from "../parse/argv.ts";

export const httpCommand: Command = {
  name: "http",
  output: "json",
  args: {
    port: {
      type: "string",
      description: `Port to serve on (default: ${DASHBOARD_PORT}), or auto for the next free one`,
      valueHint: "PORT|auto",
    },
    bind: {
      type: "string",
      description: "Address to serve on (default: 127.0.0.1); others may only look",
      valueHint: "ADDRESS",
    },
    open: { type: "boolean", description: "Open it in the browser" },
  },
  lasts: true,
  examples: [
    ["portclaim http --open", "opens http://127.0.0.1:8484/"],
    ["portclaim http --bind 0.0.0.0", "lets the local network look, and only look"],
  ],
  run,
};

async function run(args: Parsed, io: Io): Promise<void> {
  const port = args.text("port") === "auto" ? "auto" : (args.port("port") ?? DASHBOARD_PORT);
  const bind = addressOf(args.text("bind") ?? "127.0.0.1");
  const machine = thisMachine((ms) => Bun.sleep(ms));
  const reopen = async (): Promise<Registry> => ({ ...(await open(io)), machine });
  const { startDashboard } = await import("../../ui/server/server.ts");
  const served = await explained(startDashboard({ open: reopen, bind, port }));
  const { url, others } = served;
  if (io.json) printJson(io, { url, port: served.port, bind, pid: process.pid });
  else io.print(`${url}\n`);
  if (others.length > 0) {
    io.say(`warning: whoever reaches ${others.join(" or ")} sees which ports are claimed`);
    io.say("they see no commands and no directories, and may change nothing");
  }
  if (args.has("open") && !openBrowser(url, io.env)) io.say(`no browser found; open ${url}`);
  await new Promise(() => {});
}

function addressOf(text: string): string {
  const address = text === "localhost" ? "127.0.0.1" : text.replace(/^\[(.*)\]$/, "$1");
  const four = /^(\d{1,3}\.){3}\d{1,3}$/.test(address) && URL.canParse(`http://${address}/`);
  if (four || (address.includes(":") && URL.canParse(`http://[${address}]/`))) return address;
  throw new UsageError(
    `Cannot use ${JSON.stringify(text)} for bind: it is not an IP address`,
    "type: --bind 127.0.0.1, or --bind 0.0.0.0 for the local network",
  );
}

/** A port that is taken has a way out here that it has nowhere else. */
async function explained<T>(starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    if (!(error instanceof RegistryError) || error.reason.code !== "port-taken") throw error;
    throw new UsageError(error.message, "take another: portclaim http --port auto");
  }
}
