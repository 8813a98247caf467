import type { End } from "../model/consequences.ts";
import { type Field, textsOf } from "../model/field.ts";
import { readOptions } from "../model/options.ts";
import { portsIn } from "../model/ports.ts";
import { toRegExp } from "../model/regexp.ts";
import { end, onlyTells } from "./end.ts";

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
