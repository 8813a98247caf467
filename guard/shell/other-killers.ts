import type { End } from "../target.ts";
import { type Field, textsOf } from "./field.ts";
import { end, killed, onlyTells } from "./kill.ts";
import { readOptions } from "./options.ts";
import { toRegExp } from "./regexp.ts";
import { portsIn } from "./search.ts";
import type { Shell } from "./shell.ts";
import { ends } from "./signals.ts";

/** kill-port and its like: every number is a port. */
export function killPort(args: readonly Field[]): End[] {
  if (onlyTells(args) || textsOf(args).some((word) => word === "udp" || word === "-v")) return [];
  return textsOf(args)
    .map((word) => word.replace(/^(--?\w+=|:)/, ""))
    .flatMap(portsIn)
    .map((port) => end("kill-port", { kind: "port", port, clients: false }));
}

/** killport(1), with which -v is verbose. */
export function killport(args: readonly Field[]): End[] {
  return killPort(args.filter((field) => field.kind !== "text" || !/^-v+$/.test(field.text)));
}

/** fkill: ":3000" is a port, a number a process, anything else a name. */
export function fkill(args: readonly Field[]): End[] {
  if (onlyTells(args)) return [];
  const { rest } = readOptions(args, { short: "t", long: "force-after-timeout" });
  return textsOf(rest).flatMap((word): End[] => {
    if (word.startsWith(":")) {
      return portsIn(word.slice(1)).map((port) =>
        end("fkill", { kind: "port", port, clients: false }),
      );
    }
    if (/^\d+$/.test(word)) return [end("fkill", { kind: "pid", pid: Number(word) })];
    const pattern = toRegExp(word, "fixed", { exact: true, ignoreCase: true });
    return pattern ? [end("fkill", { kind: "match", by: "program", tests: [{ pattern }] })] : [];
  });
}

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
