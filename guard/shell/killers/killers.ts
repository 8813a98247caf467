import type { End } from "../model/consequences.ts";
import type { Field } from "../model/field.ts";
import type { Shell } from "../model/shell.ts";
import { redisShutdown, startStopDaemon } from "./daemons.ts";
import { fuser } from "./fuser.ts";
import { fkill, killPort, killport } from "./kill-port.ts";
import { kill } from "./kill.ts";
import { killall, pkill } from "./pkill.ts";

/** What programs end, by name. */
export const KILLERS: Record<string, (args: readonly Field[], shell: Shell) => End[]> = {
  kill,
  pkill,
  killall,
  fuser,
  fkill,
  "fkill-cli": fkill,
  "redis-cli": redisShutdown,
  "start-stop-daemon": startStopDaemon,
  "kill-port": killPort,
  killport,
  "kill-my-port": killPort,
  "kill-port-process": killPort,
  "cross-port-killer": killPort,
  "port-killer": killPort,
};
