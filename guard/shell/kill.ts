import type { End, Forced, Target } from "../target.ts";
import { type Field, textsOf } from "./field.ts";
import { readOptions } from "./options.ts";
import { toRegExp } from "./regexp.ts";
import { pgrep } from "./search.ts";
import type { Shell } from "./shell.ts";
import { ends, signalOf } from "./signals.ts";

export const end = (by: string, target: Target, some = false): End => ({
  by,
  target,
  some,
  where: [],
});

/** What a field among the operands of `kill` stands for. */
export function killed(field: Field, by: string): End[] {
  if (field.kind === "pids" && field.column !== 0) {
    return [{ ...end(by, field.target, field.some), where: field.where ?? [] }];
  }
  if (field.kind !== "text") return [];
  return field.text.split(/\s+/).flatMap((word): End[] => {
    if (/^[1-9]\d*$/.test(word)) return [end(by, { kind: "pid", pid: Number(word) })];
    if (word === "-1") return [end(by, { kind: "all" })];
    const [, group] = /^-([1-9]\d*)$/.exec(word) ?? [];
    return group === undefined ? [] : [end(by, { kind: "group", group: Number(group) })];
  });
}

/** kill(1): a signal, then process ids; "-4321" is a group once a signal or "--" came before. */
export function kill(args: readonly Field[]): End[] {
  let signal = "TERM";
  let i = 0;
  for (; i < args.length; i++) {
    const field = args[i];
    const word = field?.kind === "text" ? field.text : "";
    const named = signalOf(word);
    if (named !== undefined) signal = named;
    else if (["-s", "-n", "--signal", "-q", "--timeout"].includes(word)) {
      const value = args[++i];
      if (word !== "-q" && word !== "--timeout") signal = value?.kind === "text" ? value.text : "0";
    } else if (word.startsWith("--signal=")) signal = word.slice(9);
    else if (["-l", "-L", "--list", "--table", "-p", "--pid"].includes(word)) return [];
    else break;
    // Without a signal before it, "-9" is one; after it, a group.
    if (named !== undefined) {
      i++;
      break;
    }
  }
  const rest = args.slice(i).filter((field) => field.kind !== "text" || field.text !== "--");
  return ends(signal) ? rest.flatMap((field) => killed(field, "kill")) : [];
}

/** The signal among the arguments of pkill or killall, and the arguments without it. */
function withoutSignal(
  args: readonly Field[],
  options: string[],
): { signal: string; rest: Field[] } {
  let signal = "TERM";
  const rest: Field[] = [];
  for (let i = 0; i < args.length; i++) {
    const field = args[i] as Field;
    const word = field.kind === "text" ? field.text : "";
    const next = args[i + 1];
    if (signalOf(word) !== undefined) signal = signalOf(word) ?? signal;
    else if (word.startsWith("--signal=")) signal = word.slice(9);
    else if (options.includes(word)) {
      signal = next?.kind === "text" ? next.text : "0";
      i++;
    } else rest.push(field);
  }
  return { signal, rest };
}

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

/** Whether a program is asked for its help or version, or for what it would do, and ends nothing. */
export const onlyTells = (args: readonly Field[]) =>
  textsOf(args).some((word) => ["--dry-run", "--help", "-h", "--version", "-V"].includes(word));

/** `portclaim stop 3000 --force`, which overrides whose claim it is. */
export function portclaim(args: readonly Field[]): Forced | undefined {
  if (onlyTells(args)) return undefined;
  const { values, rest } = readOptions(args, {
    short: "s",
    long: "service project port agent timeout",
  });
  const [command, ...names] = textsOf(rest);
  if ((command !== "stop" && command !== "release") || !values.has("force")) return undefined;
  const name =
    names[0] ?? (values.get("service") ?? values.get("s"))?.[0] ?? values.get("port")?.[0];
  const project = values.get("project")?.[0];
  const isPort = /^\d+$/.test(name ?? "");
  return {
    command,
    ...(name && (isPort ? { port: Number(name) } : { service: name })),
    ...(project && { project }),
  };
}
