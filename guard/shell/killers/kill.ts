import type { End } from "../model/consequences.ts";
import type { Field } from "../model/field.ts";
import { killed } from "./end.ts";
import { ends, signalOf } from "./signals.ts";

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
