import { parseDigits } from "../../registry/model/claim.ts";
import { UsageError } from "../exit.ts";
import { suggest } from "./suggest.ts";

/** Words that people try for our commands. */
const MEANINGS: Record<string, string> = {
  acquire: "claim get take reserve allocate new",
  run: "start exec serve launch dev",
  find: "lookup which where",
  release: "free unclaim drop rm remove delete",
  list: "status show",
  who: "info inspect whois lsof",
  log: "logs history events audit",
  watch: "tail follow monitor",
  http: "dashboard ui browser",
  wait: "await ready",
  stop: "end terminate shutdown down",
  setup: "install add agents",
  init: "config configure",
  doctor: "check fix repair diagnose health",
  reap: "clean cleanup gc prune purge",
  completions: "complete",
  "mcp-serve": "mcp",
};

/** The error for a word that is not a command, with the command that was most likely meant. */
export function unknownCommand(word: string, names: readonly string[]): UsageError {
  if (word.startsWith("-")) {
    const near = word === "-v" ? "version" : suggest(word.slice(2), ["help", "version"]);
    if (near !== undefined) return new UsageError(`unknown flag ${word}; did you mean --${near}?`);
    return new UsageError(`missing command before ${word}`, "run: portclaim --help");
  }
  const what = `unknown command ${JSON.stringify(word)}`;
  // Not "did you mean stop": the number after kill may be a pid.
  if (["kill", "pkill", "killall"].includes(word)) {
    return new UsageError(what, "to stop your own server: portclaim stop web");
  }
  if (parseDigits(word) !== undefined) {
    return new UsageError(what, `to see what uses port ${word}: portclaim who ${word}`);
  }
  const meant = names.find((name) => MEANINGS[name]?.split(" ").includes(word));
  const near = meant ?? suggest(word, names);
  if (near === undefined) return new UsageError(what, "run: portclaim --help");
  return new UsageError(`${what}; did you mean ${near}?`);
}
