import { operands, ownWords, type Tool } from "./tools.ts";

/** A port given on a command line. */
export interface GivenPort {
  /** The arguments that give it, as written: `--port 3000`. */
  text: string;
  /** `undefined` if it is unknown: `--port $PORT`, a socket path, 0. */
  port: number | undefined;
  host: string | undefined;
  /** Given by a variable, not by an argument. */
  variable?: true;
}

/** The port on a tool's command line; the last one if there are several. */
export function givenPort(tool: Tool, words: readonly string[]): GivenPort | undefined {
  const own = ownWords(words);
  return tool.position ? positionOf(tool, own) : flagOf(tool.given, own);
}

/** The last occurrence of any of these flags, with its value. */
export function flagOf(flags: readonly string[], words: readonly string[]): GivenPort | undefined {
  for (let i = words.length - 1; i >= 0; i--) {
    const word = words[i] ?? "";
    for (const flag of flags) {
      if (word === flag) {
        const value = words[i + 1];
        return parse(value === undefined ? word : `${word} ${value}`, value ?? "");
      }
      const value = attachedValue(flag, word);
      if (value !== undefined) return parse(word, value);
    }
  }
  return undefined;
}

/** "3000" for `--port=3000`, `-p=3000` and `-p3000`. */
function attachedValue(flag: string, word: string): string | undefined {
  const equals = flag.endsWith("=") ? flag : `${flag}=`;
  if (word.startsWith(equals)) return word.slice(equals.length);
  const rest = word.slice(flag.length);
  return /^-\w$/.test(flag) && word.startsWith(flag) && /^[\d:]/.test(rest) ? rest : undefined;
}

function positionOf(tool: Tool, own: readonly string[]): GivenPort | undefined {
  const words = operands(tool, own).slice(tool.serves ? 1 : 0);
  const word = words.find((one) => /\d$|[${]/.test(one));
  return word === undefined ? undefined : parse(word, word);
}

/** Parses `3000`, `:3000`, `0.0.0.0:3000`, `tcp://[::1]:3000?key=…` and pg_ctl's `-p 5433`. */
function parse(text: string, value: string): GivenPort {
  const [, host, digits] = /^(?:(.*):|.*-p ?)?(\d{1,5})(?=$|[/?\s])/s.exec(value) ?? [];
  const port = Number(digits);
  const isPort = port > 0 && port <= 65_535;
  return { text, port: isPort ? port : undefined, host: host === "" ? undefined : host };
}
