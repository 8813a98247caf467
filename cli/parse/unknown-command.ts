import { parseDigits } from "../../registry/model/claim.ts";
import { UsageError } from "../exit.ts";
import { isProgram, quote, runLine, withDashes } from "./dashes.ts";
import { suggest } from "./suggest.ts";

/** Words that people try for our commands. */
const MEANINGS: Record<string, string> = {
  acquire: "claim take reserve allocate assign book lock new port",
  run: "start exec serve launch dev up spawn",
  find: "lookup which where",
  release: "unclaim unlock drop rm remove delete",
  list: "status show ports netstat ss top",
  who: "info inspect whois lsof describe",
  log: "logs history events audit",
  watch: "tail follow monitor",
  http: "dashboard ui gui",
  open: "browse browser",
  wait: "await ready",
  stop: "end terminate shutdown down killport kill-port fkill",
  setup: "install add agents",
  init: "config configure",
  doctor: "check fix repair diagnose health",
  reap: "clean cleanup gc prune purge",
  completions: "complete completion",
  "mcp-serve": "mcp",
};

/** Words that could mean two commands, or that take more than one. */
const AMBIGUOUS: Record<string, (word: string) => string> = {
  free: (word) =>
    `to stop the server: portclaim stop ${word}; to give up the claim: portclaim release ${word}`,
  get: (word) =>
    `to claim a port: portclaim acquire ${word}; to look it up: portclaim find ${word}`,
  restart: (word) => `run portclaim stop ${word}, then portclaim run ${word} -- npm run dev`,
};

const isNumber = (word: string) => parseDigits(word) !== undefined;

/** The error for a word that is not a command, with the line that was most likely meant. */
export function unknownCommand(
  word: string,
  rest: readonly string[],
  names: readonly string[],
): UsageError {
  if (word.startsWith("-")) return missingCommand(word, rest, names);
  const what = `unknown command ${JSON.stringify(word)}`;
  const plain = rest
    .filter((each) => !each.startsWith("-"))
    .map((each) => each.replace(/^:(?=\d)/, ""));
  const [first = "web"] = plain;
  // Not "did you mean stop": the number after kill may be a pid.
  if (["kill", "pkill", "killall"].includes(word)) {
    const service = isNumber(first) ? "web" : first;
    return new UsageError(what, `to stop your own server: portclaim stop ${quote(service)}`);
  }
  if (isNumber(word)) {
    return new UsageError(what, `to see what uses port ${word}: portclaim who ${word}`);
  }
  if (isProgram(word)) {
    const line = runLine(["web"], [word, ...rest]);
    return new UsageError(what, `to run it on a port of its own: ${line}`);
  }
  if (Object.hasOwn(AMBIGUOUS, word)) return new UsageError(what, AMBIGUOUS[word]?.(quote(first)));
  const meant = names.find((name) => MEANINGS[name]?.split(" ").includes(word));
  const near = meant ?? suggest(word, names);
  if (near === undefined) return new UsageError(what, "run: portclaim --help");
  const line = meant ? lineFor(meant, rest, plain) : lineOf(near, rest);
  const hint = rest.length === 0 ? undefined : `run: ${line}`;
  return new UsageError(`${what}; did you mean ${near}?`, hint);
}

const lineOf = (name: string, words: readonly string[]) =>
  ["portclaim", name, ...words.map(quote)].join(" ");

/** The line of a command, from the words behind another tool's name for it. */
function lineFor(name: string, rest: readonly string[], plain: readonly string[]): string {
  const port = plain.find(isNumber);
  const prefer = port === undefined ? [] : ["--prefer", port];
  const service = plain.find((word) => !isNumber(word)) ?? "web";
  if (name === "acquire") return lineOf(name, [service, ...prefer]);
  // `check 3000` and `show 3000` are about one port, and so is `lsof -ti:3000`.
  const inFlag = /:(\d+)$/.exec(rest.join(" "))?.[1];
  const one = port ?? (name === "who" ? inFlag : undefined);
  if (one !== undefined && ["list", "doctor", "watch", "who"].includes(name))
    return lineOf("who", [one]);
  if (name === "doctor" || name === "watch") return lineOf(name, []);
  if (name !== "run") return lineOf(name, plain.slice(0, 1));
  const dashes = rest.indexOf("--");
  if (dashes >= 0) return runLine([rest.slice(0, dashes)[0] ?? "web"], rest.slice(dashes + 1));
  const names = plain.filter((word) => !isNumber(word));
  return (
    withDashes(names, [...names.keys()]) ?? runLine([service, ...prefer], ["npm", "run", "dev"])
  );
}

/** The error for a flag where a command belongs. */
function missingCommand(
  flag: string,
  rest: readonly string[],
  names: readonly string[],
): UsageError {
  const name = flag.replace(/^-+/, "");
  const near = flag === "-v" ? "version" : suggest(name, ["help", "version"]);
  if (near !== undefined) return new UsageError(`unknown flag ${flag}; did you mean --${near}?`);
  if (names.includes(name)) return new UsageError(`unknown flag ${flag}; did you mean ${name}?`);
  const what = `missing command before ${flag}`;
  const port = rest.find(isNumber);
  if (port !== undefined) {
    const claim = `to claim it: portclaim acquire web --prefer ${port}`;
    return new UsageError(what, `${claim}; to see what uses it: portclaim who ${port}`);
  }
  const isForm = flag === "--json" || flag === "--text";
  return new UsageError(
    what,
    isForm ? `for example: portclaim list ${flag}` : "run: portclaim --help",
  );
}
