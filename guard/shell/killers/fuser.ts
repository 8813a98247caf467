import type { End, Target } from "../model/consequences.ts";
import { type Field, textsOf } from "../model/field.ts";
import { readOptions } from "../model/options.ts";
import { end } from "./end.ts";
import { ends, withoutSignal } from "./signals.ts";

/** fuser(1) with -k. */
export function fuser(args: readonly Field[]): End[] {
  const { signal, rest } = withoutSignal(args, []);
  const { values } = readOptions(rest, FUSER_OPTIONS);
  const has = (...names: string[]) => names.some((name) => values.has(name));
  // -i asks, and there is no terminal to answer.
  if (!has("k", "kill") || has("i", "interactive") || !ends(signal)) return [];
  return usersOf(args).map((target) => end("fuser", target));
}

const FUSER_OPTIONS = { short: "n", long: "namespace" };

/** What fuser finds: users of ports as "3000/tcp" or behind "-n tcp", else of a directory. */
export function usersOf(args: readonly Field[]): Target[] {
  const { values, rest } = readOptions(withoutSignal(args, []).rest, FUSER_OPTIONS);
  const space = (values.get("n") ?? values.get("namespace"))?.[0];
  if (
    space === "udp" ||
    ["m", "M", "mount", "ismountpoint", "4", "6"].some((name) => values.has(name))
  ) {
    return [];
  }
  return textsOf(rest).flatMap((name): Target[] => {
    const [, port, suffix] = /^(\d+)(?:\/(\w+))?$/.exec(name) ?? [];
    if (port !== undefined && (suffix ?? space) === "tcp") {
      return [{ kind: "port", port: Number(port), clients: false }];
    }
    return port === undefined && space === undefined ? [{ kind: "directory", path: name }] : [];
  });
}
