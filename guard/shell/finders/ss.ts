import { type Field, pids, type Sockets, textsOf, UNKNOWN } from "../model/field.ts";

/** What `ss` prints: the listeners that a filter selects, else the lines of all. */
export function ss(args: readonly Field[]): Field[] {
  const line = args.map((field) => (field.kind === "text" ? field.text : "?")).join(" ");
  const sockets = listenersOf(args);
  if (sockets === undefined || /\bstate\b|[<>!]|\b(not|dport|and|src|dst)\b/.test(line))
    return [UNKNOWN];
  const ports = [...line.matchAll(/\bsport\s*(?:=|==|eq)\s*\S*?:?(\d+)\b/g)];
  if (ports.length === 0) return [sockets];
  const heading = !textsOf(args).some((word) => /^(-\w*H|--no-header)/.test(word));
  return ports.map(([, port]) =>
    pids(
      { kind: "port", port: Number(port), clients: false },
      { line: "id and name", heading, ...(sockets.column === 0 && { column: 0 }) },
    ),
  );
}

export const netstat = (args: readonly Field[]): Field[] => [listenersOf(args) ?? UNKNOWN];

/** The lines of TCP listeners; `undefined` if ss or netstat shows none, as with -u or without -l. */
function listenersOf(args: readonly Field[]): Sockets | undefined {
  const flags = textsOf(args).filter((word) => word.startsWith("-"));
  const has = (letter: string, ...long: string[]) =>
    flags.some((word) => long.includes(word) || (!word.startsWith("--") && word.includes(letter)));
  if (has("4", "--ipv4") || has("6", "--ipv6")) return undefined;
  if (has("u", "--udp") && !has("t", "--tcp")) return undefined;
  if (!has("l", "--listening") && !has("a", "--all")) return undefined;
  const hidesIds = !has("p", "--processes", "--programs", "--program");
  return { kind: "sockets", tests: [], line: "id and name", ...(hidesIds && { column: 0 }) };
}
