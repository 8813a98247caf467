import { acquire, type Acquired } from "../../registry/allocate/acquire.ts";
import { withoutSecrets } from "../../registry/model/claim.ts";
import { withUrl } from "../../registry/model/url.ts";
import { callerFor, resolveCaller } from "../../registry/owner/caller.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { defineCommand } from "../command.ts";
import { open } from "../context.ts";
import { UsageError } from "../exit.ts";
import { type Io, printJson } from "../output/io.ts";
import { warnAboutGrant, warnAboutRunning, warnAboutServer } from "../output/warnings.ts";
import { REQUEST, requestOf, variablesFor } from "../parse/request.ts";

export const acquireCommand = () =>
  defineCommand({
    name: "acquire",
    about: `The claim belongs to the agent, interactive shell or script that called portclaim. It ends when that process exits, unless a server that it started is still listening.

A service gets the port that it had last in this directory, unless you prefer another. If you call again after its server has stopped, you get the same port; while the server runs, you get another one.`,
    needsWord: true,
    output: "bare",
    options: {
      ...REQUEST,
      pid: {
        type: "pid",
        summary:
          "The process that the claim belongs to (default: the agent, shell or script that called).",
        value: "PID",
      },
      reuse: {
        type: "flag",
        summary:
          "Return the port that the service already has in this checkout, whatever its owner.",
      },
      format: {
        type: "choice",
        summary: "Print a port per line, or WEB_PORT=3000 lines.",
        choices: ["port", "env"],
      },
    },
    examples: [
      ["PORT=$(portclaim acquire web --prefer 3000)", "Claim 3000, or the next free port."],
      ["portclaim acquire db --prefer 5432 --exact", "Claim that port or fail."],
      ['eval "$(portclaim acquire web api --format env)"', "Set WEB_PORT and API_PORT."],
      ["portclaim acquire web --pid $$", "Claim a port for as long as this shell runs."],
    ],
    async run(values, io) {
      if (io.json && values.format !== undefined) {
        throw new UsageError("--format can't be used with --json");
      }
      const names = values.format === "env" ? variablesFor(values.service) : undefined;
      const request = { ...requestOf(values, "acquire", io), reuse: values.reuse };
      const registry = await open(io);
      const { machine } = registry;
      const { pid } = values;
      const caller =
        pid === undefined ? resolveCaller(machine, "acquire") : callerFor(machine, pid);
      const acquired = await acquire(registry, request, caller);
      await printOrUndo(acquired, io, names);
      for (const warning of acquired.warnings) io.say(`warning: ${warning}`);
      for (const grant of acquired.grants) warnAboutGrant(grant, io);
      for (const running of acquired.others) warnAboutRunning(running, io);
      for (const { claim, how } of acquired.grants) {
        if (how === "reused") await warnAboutReused(registry, claim.port, io);
      }
    },
  });

/** Says where the server of a reused claim really listens. */
async function warnAboutReused(registry: Registry, port: number, io: Io): Promise<void> {
  const { inspectPort } = await import("../../registry/query/inspect.ts");
  const { claim } = inspectPort(registry, port);
  if (claim) warnAboutServer(claim, io);
}

/** Releases the ports if they can't be printed: the caller would never learn of them. */
async function printOrUndo(acquired: Acquired, io: Io, names: string[] | undefined): Promise<void> {
  try {
    if (io.json) printGrants(acquired, io);
    else io.print(linesOf(acquired, names));
  } catch (error) {
    await acquired.undo();
    throw error;
  }
}

function printGrants({ grants, others }: Acquired, io: Io): void {
  const objects = grants.map(({ claim, how }) => {
    const same = others.filter(({ service }) => service === claim.service);
    return {
      ...withUrl(withoutSecrets(claim)),
      how,
      ...(same.length > 0 && { others: same }),
    };
  });
  printJson(io, objects.length === 1 ? objects[0] : objects);
}

function linesOf({ grants }: Acquired, names: string[] | undefined): string {
  let lines = "";
  for (let i = 0; i < grants.length; i++) {
    const port = grants[i]?.claim.port;
    lines += names ? `${names[i]}=${port}\n` : `${port}\n`;
  }
  return lines;
}
