import { thisMachine } from "../native/machine.ts";
import { findHome } from "../registry/config/home.ts";
import { parseDuration } from "../registry/model/duration.ts";
import { projectName } from "../registry/model/name.ts";
import type { LockOptions } from "../registry/store/lock.ts";
import { LOCK_TIMEOUT } from "../registry/store/lock.ts";
import { openRegistry, type Registry } from "../registry/store/registry.ts";
import { UsageError } from "./command.ts";
import type { Io } from "./output/io.ts";

/** Opens the registry as the environment says. */
export function open(io: Io): Promise<Registry> {
  return openRegistry({
    environment: environment(io),
    lock: lockOptions(io),
    allowNetwork: allowsNetwork(io),
  });
}

/** The registry without its config, for the commands that fix a malformed one: `init`, `doctor`. */
export function openWithoutConfig(io: Io): Omit<Registry, "config"> {
  const machine = thisMachine();
  return {
    machine,
    home: findHome(machine, environment(io)),
    lock: lockOptions(io),
    allowNetwork: allowsNetwork(io),
  };
}

const allowsNetwork = (io: Io) => io.env["PORTCLAIM_ALLOW_NETWORK_HOME"] === "1";

const environment = (io: Io) => ({
  PORTCLAIM_HOME: io.env["PORTCLAIM_HOME"],
  HOME: io.env["HOME"],
});

function lockOptions(io: Io): LockOptions {
  const text = io.env["PORTCLAIM_LOCK_TIMEOUT"];
  const timeout = text ? parseDuration(text) : LOCK_TIMEOUT;
  if (timeout === undefined) {
    throw new UsageError(
      `Cannot use PORTCLAIM_LOCK_TIMEOUT ${JSON.stringify(text)}: it is not a duration`,
      "set it to a duration like 5s",
    );
  }
  return {
    timeout,
    onWait: (pid) => io.say(`waiting for the lock${pid ? `, held by process ${pid}` : ""} …`),
  };
}

/** The caller's directory and the project that it stands for. */
export function here(io: Io): { cwd: string; project: string } {
  const cwd = io.cwd();
  return { cwd, project: projectName(cwd) };
}
