import type { End } from "../model/consequences.ts";
import { type Field, textsOf } from "../model/field.ts";
import { readOptions } from "../model/options.ts";
import { toRegExp } from "../model/regexp.ts";
import type { Shell } from "../model/shell.ts";
import { end, killed } from "./end.ts";
import { ends } from "./signals.ts";

/** `redis-cli shutdown` ends the server that it talks to. */
export function redisShutdown(args: readonly Field[]): End[] {
  const { values, rest } = readOptions(args, { short: "hpsaunrid", long: "user pass" }, true);
  const [command] = textsOf(rest);
  const host = values.get("h")?.[0] ?? "127.0.0.1";
  if (command?.toLowerCase() !== "shutdown" || values.has("s")) return [];
  if (!["127.0.0.1", "localhost", "::1"].includes(host)) return [];
  const port = Number(values.get("p")?.[0] ?? 6379);
  return port > 0 ? [end("redis-cli", { kind: "port", port, clients: false })] : [];
}

/** start-stop-daemon(8) with --stop: the process of a pid file, or those of a name. */
export function startStopDaemon(args: readonly Field[], shell: Pick<Shell, "read">): End[] {
  const { values } = readOptions(args, {
    short: "pnxausgRd",
    long: "pidfile name exec startas user signal group retry chdir ppid pid",
  });
  const valueOf = (short: string, long: string) => (values.get(short) ?? values.get(long))?.[0];
  const has = (short: string, long: string) => valueOf(short, long) !== undefined;
  const isStop = has("K", "stop") && !has("t", "test") && ends(valueOf("s", "signal") ?? "TERM");
  // What else narrows isn't followed.
  if (!isStop || has("u", "user") || has("x", "exec") || values.has("ppid") || values.has("pid"))
    return [];
  const [file, name] = [valueOf("p", "pidfile"), valueOf("n", "name")];
  const by = "start-stop-daemon";
  if (file)
    return name ? [] : shell.read([{ kind: "text", text: file }]).flatMap((one) => killed(one, by));
  const pattern = name ? toRegExp(name, "fixed", { exact: true }) : undefined;
  return pattern ? [end(by, { kind: "match", by: "name", tests: [{ pattern }] })] : [];
}
