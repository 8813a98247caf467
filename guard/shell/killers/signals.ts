import type { Field } from "../model/field.ts";

/** Signals that end no server by default, or are only its business: signal(7). */
const HARMLESS =
  " 0 EXIT USR1 10 USR2 12 CHLD 17 CONT 18 STOP 19 TSTP 20 TTIN 21 TTOU 22 URG 23 WINCH 28 ";

/** Whether a signal, by name or number, ends a process that doesn't expect it. */
export const ends = (signal: string): boolean =>
  !HARMLESS.includes(` ${signal.toUpperCase().replace(/^SIG/, "")} `);

/** The signal that a word like "-9", "-KILL" or "-SIGTERM" names, if it is one. */
export function signalOf(word: string): string | undefined {
  const name = word.slice(1);
  if (!word.startsWith("-")) return undefined;
  if (/^\d+$/.test(name)) return name;
  return /^(SIG)?(HUP|INT|QUIT|ILL|ABRT|KILL|TERM|SEGV|PIPE|ALRM|BUS|TRAP|USR[12]|CHLD|CONT|STOP|TSTP|TTIN|TTOU|URG|WINCH)$/i.test(
    name,
  )
    ? name
    : undefined;
}

/** The signal among the arguments of pkill or killall, and the arguments without it. */
export function withoutSignal(
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
