import { pgrep } from "../finders/pgrep.ts";
import type { End } from "../model/consequences.ts";
import { type Field, textsOf } from "../model/field.ts";
import { readOptions } from "../model/options.ts";
import { toRegExp } from "../model/regexp.ts";
import type { Shell } from "../model/shell.ts";
import { end, killed } from "./end.ts";
import { ends, withoutSignal } from "./signals.ts";

export function pkill(args: readonly Field[], shell: Pick<Shell, "read">): End[] {
  const { signal, rest } = withoutSignal(args, ["--signal"]);
  const [option, file, ...others] = rest;
  if (file && others.length === 0 && /^(-F|--pidfile)$/.test(textsOf([option ?? file])[0] ?? "")) {
    return ends(signal) ? shell.read([file]).flatMap((field) => killed(field, "pkill")) : [];
  }
  const target = ends(signal) ? pgrep(rest) : undefined;
  return target ? [end("pkill", target)] : [];
}

export function killall(args: readonly Field[]): End[] {
  const { signal, rest: words } = withoutSignal(args, ["-s", "--signal"]);
  const { values, rest } = readOptions(words, {
    short: "uoyZn",
    long: "user older-than younger-than context ns",
  });
  const has = (...names: string[]) => names.some((name) => values.has(name));
  // -i asks, and there is no terminal to answer.
  if (!ends(signal) || has("i", "interactive", "l", "list", "V", "o", "y", "Z", "n")) return [];
  const user = (values.get("u") ?? values.get("user"))?.[0];
  if (user === "") return [];
  const isRegexp = has("r", "regexp");
  if (rest.length === 0) return user ? [end("killall", { kind: "user", user })] : [];
  return rest.flatMap((field): End[] => {
    if (field.kind !== "text") return [];
    const options = { ignoreCase: has("I", "ignore-case"), exact: !isRegexp };
    const pattern = toRegExp(field.text, isRegexp ? "extended" : "fixed", options);
    if (pattern === undefined) return [];
    const tests = [{ pattern }];
    return [
      end("killall", {
        kind: "match",
        by: isRegexp ? "name" : "full name",
        tests,
        ...(user && { user }),
      }),
    ];
  });
}
