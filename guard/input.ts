/** What an agent asks about. */
export interface Asked {
  event: "command" | "session";
  line: string;
  cwd?: string | undefined;
  session?: string | undefined;
}

type Data = Record<string, unknown>;

/** Reads an agent's hook JSON; `undefined` for anything but a shell command or the start of a session. */
export function readInput(text: string): Asked | undefined {
  const data = objectOf(parse(text));
  const event = textIn(data, "hook_event_name", "hookEventName", "event") ?? "";
  const cwd = textIn(data, "cwd") ?? textIn(objectOf(data["tool_info"]), "cwd");
  const session = textIn(data, "session_id", "sessionId", "conversation_id");
  const known = { cwd, session };
  if (/^session[_ ]?start$/i.test(event)) return { event: "session", line: "", ...known };
  const places = ["tool_input", "toolArgs", "tool_info", "args", "input"].map((key) => data[key]);
  const call = objectOf(data["tool_call"]);
  for (const place of [data, ...places, call["input"], call["args"]]) {
    const line = lineIn(objectOf(typeof place === "string" ? parse(place) : place));
    if (line !== undefined) return { event: "command", line, ...known };
  }
  return undefined;
}

function lineIn(data: Data): string | undefined {
  const value = data["command"] ?? data["command_line"] ?? data["commands"];
  if (typeof value === "string") return value;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const words = value.filter((word) => typeof word === "string");
  // Codex gives ["bash", "-lc", "…"], Cline several lines.
  const isShell = /(^|\/)(ba|z|da)?sh$/.test(words[0] ?? "");
  return isShell ? (words.at(-1) ?? "") : words.join("\n");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const objectOf = (value: unknown): Data =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Data) : {};

function textIn(data: Data, ...keys: string[]): string | undefined {
  const value = keys.map((key) => data[key]).find((one) => typeof one === "string");
  return value as string | undefined;
}
