import { exactArguments } from "../../native/posix/exec.ts";
import type { AcquireRequest } from "../../registry/allocate/acquire-request.ts";
import { findLive } from "../../registry/allocate/reserve.ts";
import type { Here } from "../../registry/config/checkout.ts";
import type { ProjectFile } from "../../registry/config/project.ts";
import { Snapshot } from "../../registry/liveness/snapshot.ts";
import { ClaimStore } from "../../registry/store/claims.ts";
import type { Registry } from "../../registry/store/registry.ts";
import type { Io } from "../output/io.ts";
import { ALL_VARIABLE, launch } from "./launch.ts";
import { variablesOf } from "./project-environment.ts";

/**
 * Claims every service of portclaim.toml for a process manager and becomes it. A shared service that
 * already has a claim keeps that.
 */
export async function runAll(
  io: Io,
  registry: Registry,
  { cwd, checkout }: Here,
  file: ProjectFile,
  words: string[],
  asked: Omit<AcquireRequest, "services">,
): Promise<void> {
  const services = [...file.services.values()];
  const table = new ClaimStore(registry.machine, registry.home).readAll();
  const shared = services.filter((service) => service.shared);
  const live = findLive(new Snapshot(registry), table, shared);
  const own = services.filter(({ name }) => !live.has(name));
  await launch(io, registry, {
    request: { ...asked, services: own.map(({ name }) => name) },
    words,
    given: exactArguments(words),
    cwd,
    root: checkout?.root,
    injects: false,
    variables: (grants) => {
      const claims = [...live.values(), ...grants.map(({ claim }) => claim)];
      const ports = new Map(claims.map(({ service, port }) => [service, port]));
      const names = own.flatMap(({ variables }) => variables);
      return { ...variablesOf(io, file, ports, names), [ALL_VARIABLE]: "1" };
    },
  });
}
