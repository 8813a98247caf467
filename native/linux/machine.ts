import type { HostIdentity, Platform } from "../platform.ts";
import { monotonic, secondsSince, startClock } from "./clock.ts";
import { readEphemeralPorts } from "./ephemeral-ports.ts";
import { networkFileSystem } from "./filesystem.ts";
import { isNested, readBoot, readHost, readNamespace } from "./identity.ts";
import { connectionsOf, listListeners, socketOwners } from "./listeners.ts";
import { lockHolder } from "./lock-holder.ts";
import * as processes from "./processes.ts";
import { lockWithin } from "./timed-flock.ts";

let identity: HostIdentity | undefined;

/** What is specific to Linux: processes from /proc, sockets by netlink. */
export const linux = (): Platform => ({
  identity: () =>
    (identity ??= {
      host: readHost(),
      boot: readBoot(),
      pidns: readNamespace("pid", "self"),
      netns: readNamespace("net", "self"),
    }),
  monotonic,
  startClock,
  secondsSince,
  process: processes.readProcess,
  allProcesses: processes.readProcesses,
  pids: processes.allProcesses,
  commandLine: processes.readCommandLine,
  environment: processes.readEnvironment,
  workingDirectory: processes.readWorkingDirectory,
  user: processes.readUser,
  namespace: readNamespace,
  isNested,
  ephemeralPorts: readEphemeralPorts,
  listeners: listListeners,
  connections: connectionsOf,
  socketOwners,
  networkFileSystem,
  lockHolder,
  lockWithin,
});
