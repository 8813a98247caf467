import type { Platform } from "../platform.ts";
import { monotonic, secondsSince, startClock } from "./clock.ts";
import { readBoot, readHost } from "./identity.ts";
import { listListeners, readWorkingDirectory } from "./lsof.ts";
import * as processes from "./processes.ts";
import { run } from "./run.ts";
import { readEnvironment } from "./words.ts";

/** What is specific to macOS: processes from ps(1), sockets and directories from lsof(8). */
export const darwin = (): Platform => ({
  identity: () => ({ host: readHost(), boot: readBoot(), pidns: null, netns: null }),
  monotonic,
  startClock,
  secondsSince,
  process: processes.readProcess,
  allProcesses: processes.readProcesses,
  pids: processes.allProcesses,
  commandLine: processes.readCommandLine,
  environment: readEnvironment,
  workingDirectory: readWorkingDirectory,
  user: processes.readUser,
  namespace: () => null,
  isNested: () => false,
  ephemeralPorts() {
    const names = ["net.inet.ip.portrange.first", "net.inet.ip.portrange.last"];
    const { text } = run(["sysctl", "-n", ...names]);
    const [first, last] = text.trim().split(/\s+/).map(Number);
    return first && last ? { first, last } : undefined;
  },
  listeners: listListeners,
  connections: () => [],
  // lsof prints the pid of each socket.
  socketOwners: () => new Map(),
  networkFileSystem: () => undefined,
  lockHolder: () => undefined,
  lockWithin: () => undefined,
});
