import type { Target } from "../model/consequences.ts";
import { type Field, type Layout, pids, UNKNOWN } from "../model/field.ts";
import { portsIn } from "../model/ports.ts";
import { toRegExp } from "../model/regexp.ts";

/** What `lsof` finds: ids with -t, else lines from which something takes the ids. */
export function lsof(args: readonly Field[]): Field[] {
  const words = args.flatMap((field) => (field.kind === "text" ? [field.text] : [""]));
  const found: Target[] = [];
  let listening = false;
  let all = false;
  let isTerse = false;
  let narrows = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (!word.startsWith("-") || word.startsWith("--")) {
      // A file, or what is only known to the shell.
      if (!word.startsWith("+")) return [UNKNOWN];
      if (word === "+c") i++;
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] ?? "";
      if (letter === "a") all = true;
      if (letter === "t") isTerse = true;
      if (!"icuspgdFSTor".includes(letter)) continue;
      let value = word.slice(at + 1);
      const next = words[i + 1] ?? "";
      const takesNext = letter === "i" ? isAddress(next) : !next.startsWith("-");
      if (value === "" && takesNext && !"FSTor".includes(letter)) value = words[++i] ?? "";
      // Exclusions, other states, addresses and one family narrow in ways that aren't followed.
      if (value.startsWith("^") || (letter === "s" && !/^(TCP:LISTEN)?$/i.test(value)))
        return [UNKNOWN];
      if (letter === "i" && /^[46]|@/.test(value)) return [UNKNOWN];
      if (letter === "d" || letter === "g") narrows = true;
      if (letter === "s") listening ||= value !== "";
      else found.push(...selected(letter, value));
      break;
    }
  }
  const ports = found.map((one) =>
    one.kind === "port" && listening ? { ...one, clients: false } : one,
  );
  const flags = words.filter((word) => /^-[a-zA-Z]+$/.test(word)).join("");
  // Without -P, ports have names.
  const isNumeric = !isTerse && flags.includes("P");
  if (ports.length === 0) {
    return [
      isNumeric ? { kind: "sockets", tests: [], line: "id and short name", column: 2 } : UNKNOWN,
    ];
  }
  const layoutFor = ({ kind }: Target): Layout => {
    if (isTerse) return { line: "id", column: 1 };
    // The lines of anything but a port show its files.
    const line = kind === "port" ? "id and short name" : "unknown";
    if (words.some((word) => word.startsWith("-F"))) return { line, column: 1 };
    return { line, column: 2, names: ["comm"], heading: true };
  };
  if (all && narrows) return [UNKNOWN];
  const targets: Target[] = all && ports.length > 1 ? [{ kind: "every", of: ports }] : ports;
  return targets.map((one) => pids(one, layoutFor(one)));
}

const isAddress = (word: string) => /^(?:[46]?(tcp|udp)?[@:].*|[46]?(tcp|udp)(:.*)?)$/i.test(word);

/** What one option of lsof selects. */
function selected(letter: string, value: string): Target[] {
  if (letter === "i") {
    if (/^[46]?udp/i.test(value)) return [];
    return portsIn(value.slice(value.lastIndexOf(":") + 1)).map((port) => ({
      kind: "port",
      port,
      clients: true,
    }));
  }
  if (letter === "p") return value.split(",").flatMap((pid) => pidTarget(pid));
  if (letter === "u" && value !== "" && !value.startsWith("^")) {
    return value.split(",").map((user) => ({ kind: "user", user }));
  }
  if (letter !== "c" || value === "") return [];
  const pattern = toRegExp(value, "fixed");
  const tests = pattern ? [{ pattern: new RegExp(`^${pattern.source}`) }] : [];
  return tests.length === 0 ? [] : [{ kind: "match", by: "name", tests }];
}

function pidTarget(word: string): Target[] {
  return /^\d+$/.test(word) ? [{ kind: "pid", pid: Number(word) }] : [];
}
