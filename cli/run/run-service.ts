import type { AcquireRequest } from "../../registry/allocate/acquire-request.ts";
import type { Acquired } from "../../registry/allocate/acquire.ts";
import type { Grant } from "../../registry/allocate/allocation.ts";
import { reserve } from "../../registry/allocate/reserve.ts";
import type { ProjectFile, ProjectService } from "../../registry/config/project.ts";
import type { ClaimView } from "../../registry/model/claim.ts";
import { localUrl, urlOf } from "../../registry/model/url.ts";
import { callerFor, tryResolveCaller } from "../../registry/owner/caller.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { CommandError, EXIT } from "../exit.ts";
import { type Io, printJson } from "../output/io.ts";
import { commandWords } from "./command-words.ts";
import { ALL_VARIABLE, launch } from "./launch.ts";
import { enter, variablesOf } from "./project-environment.ts";

/** Starts a service of portclaim.toml with its command, unless it is already running in this checkout. */
export async function runService(
  io: Io,
  registry: Registry,
  file: ProjectFile,
  service: ProjectService & { run: string },
  asked: AcquireRequest & { another: boolean; injects: boolean },
): Promise<void> {
  const { another, injects, ...request } = asked;
  const { machine } = registry;
  const { name, place } = service;
  enter(service);
  const others = [...file.services.values()].filter((other) => other !== service);
  const caller = () => tryResolveCaller(machine, "run") ?? callerFor(machine, machine.pid);
  const { ports, undo } = await reserve(registry, file, others, request, caller);
  const words = commandWords(service.run);
  let acquired: Acquired;
  try {
    acquired = await launch(io, registry, {
      request: { ...request, unlessRunning: !another && io.env[ALL_VARIABLE] !== "1" },
      words,
      given: words,
      cwd: place.cwd,
      root: place.checkout?.root,
      injects,
      hasPort: service.port !== undefined,
      variables: (grants) => ({
        ...variablesOf(io, file, new Map([...ports, ...portsOf(grants)]), service.variables),
        PORT: String(grants[0]?.claim.port),
        PWD: place.cwd,
      }),
    });
  } catch (error) {
    await undo();
    throw error;
  }
  const { running } = acquired;
  if (!running) return;
  await undo();
  if (running.isEnclosing) {
    throw new CommandError(
      EXIT.failed,
      `the command of ${name} in portclaim.toml runs portclaim run ${name} again`,
      `let one of them name the command: portclaim run ${name} -- COMMAND`,
    );
  }
  tellRunning(io, running.claim);
}

const portsOf = (grants: readonly Grant[]) =>
  grants.map(({ claim }): [string, number] => [claim.service, claim.port]);

function tellRunning(io: Io, claim: ClaimView): void {
  const url = urlOf(claim) ?? localUrl(claim.port);
  const { service, owner, pid, listeners } = claim;
  const [first] = listeners;
  const command = `${first?.command ?? owner?.command ?? "process"}, pid ${first?.pid ?? pid}`;
  io.say(`${service} is already running (${command}); to start a second one: --another`);
  if (io.json) printJson(io, { ...claim, url });
  else io.print(`${url}\n`);
}
