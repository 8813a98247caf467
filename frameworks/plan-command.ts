import { join } from "node:path";
import { type GivenPort, flagOf, givenPort } from "./given-port.ts";
import type { Invocation } from "./invocation.ts";
import { diskReader, type Reader } from "./reader.ts";
import { findTool, type Tool } from "./tools.ts";
import { unwrap } from "./unwrap.ts";

export interface CommandInput {
  argv: readonly string[];
  cwd: string;
  /** The claimed port. Without it, the plan only reports what the command itself says. */
  port?: number;
  reader?: Reader;
}

/** How to start a command so that its server listens on the claimed port. */
export interface CommandPlan {
  /** The command, with any appended arguments. */
  argv: readonly string[];
  /** Variables to set besides PORT. */
  env: Record<string, string>;
  /** What was added, for display: `--port 3000 --strictPort`, `FLASK_RUN_PORT=3000`. */
  added: string[];
  /** The port that the command or its script already gives. */
  preferred?: number;
  /** Why the command can't be told the claimed port. `asTyped`: the port is a plain word of the command. */
  refusal?: { message: string; hint: string; asTyped?: boolean } | undefined;
  /** The server may pick another port even though it was told this one. */
  moves?: boolean;
  /** The server refuses to run twice in one directory. */
  oneServerPerDirectory?: boolean;
  /** The server's name: "vite". */
  tool?: string;
  /** The server's default port. */
  usualPort?: number;
}

/** Works out how to tell the server that `argv` starts its port. */
export function planCommand(input: CommandInput): CommandPlan {
  const { argv, cwd, port, reader = diskReader } = input;
  const call = unwrap(
    { words: argv, cwd, variables: new Map(), separators: [], scripts: [] },
    reader,
  );
  const plan: CommandPlan = { argv, env: {}, added: [] };
  if (!call || call.circle) return plan;
  const tool = findTool(call.words);
  if (!tool) return { ...plan, ...preference(flagOf(["--port"], call.words)) };
  const given = givenPort(tool, call.words) ?? assignedPort(tool, call);
  const facts = {
    ...plan,
    ...preference(given),
    tool: tool.name,
    ...(tool.usual === undefined ? {} : { usualPort: tool.usual }),
    ...(tool.moves || call.uncertain ? { moves: true } : {}),
    ...(tool.onePerDirectory ? { oneServerPerDirectory: true } : {}),
  };
  return port === undefined ? facts : tellPort(facts, { tool, call, given, port, reader });
}

/** What is known about a command whose server should listen on `port`. */
interface Facts {
  tool: Tool;
  call: Invocation;
  given: GivenPort | undefined;
  port: number;
  reader: Reader;
}

function tellPort(plan: CommandPlan, facts: Facts): CommandPlan {
  const { tool, call, given, port } = facts;
  const variables = (tool.variables ?? []).map((name) => [name, String(port)] as const);
  const told = {
    ...plan,
    env: Object.fromEntries(variables),
    added: variables.map((pair) => pair.join("=")),
  };
  const lost = lostPort(tool, call);
  if (lost) return { ...plan, refusal: lost };
  const isOther = given?.port !== undefined && given.port !== port;
  const words = isOther ? replacement(facts) : given ? undefined : addition(facts);
  const isAppendable = !call.words.includes("--");
  if (isOther && !(words !== undefined && isAppendable)) {
    return { ...plan, refusal: wrongPort(plan.argv, facts) };
  }
  if (words === undefined) return told;
  if (!isAppendable) return { ...told, moves: true };
  const host = given?.host ?? "127.0.0.1";
  const appended = words
    .split(" ")
    .map((word) => word.replace("{port}", `${port}`).replace("{host}", () => host));
  const argv = [...plan.argv, ...call.separators, ...appended];
  return { ...told, argv, added: [...told.added, appended.join(" ")] };
}

/** What to append if no port is given. */
function addition({ tool, call, reader }: Facts): string | undefined {
  const isConfigured =
    tool.unless !== undefined && reader.readFile(join(call.cwd, tool.unless)) !== undefined;
  return isConfigured ? undefined : tool.add;
}

/** What to append if another port is given. */
function replacement({ tool, given }: Facts): string | undefined {
  return given?.variable && tool.portWins ? undefined : tool.again;
}

/** The port in `PORT=3000 next dev`. */
function assignedPort(tool: Tool, { variables }: Invocation): GivenPort | undefined {
  const names = [...(tool.variables ?? []), ...(tool.readsPort ? ["PORT"] : [])];
  const name = names.find((one) => variables.has(one));
  if (name === undefined) return undefined;
  const text = `${name}=${variables.get(name)}`;
  const given = flagOf([`${name}=`], [text]);
  return given && { ...given, variable: true };
}

/** The refusal for a given port that doesn't reach the tool. */
function lostPort(tool: Tool, { words, kept }: Invocation): CommandPlan["refusal"] {
  const keptPort = flagOf(tool.given, kept?.words ?? []);
  if (kept && keptPort?.port !== undefined) {
    return {
      message: `${kept.by} keeps "${keptPort.text}" for itself, so ${tool.name} would not see it`,
      hint: `put -- before ${keptPort.text}`,
    };
  }
  const dashes = words.indexOf("--");
  const hidden = dashes < 0 ? undefined : flagOf(tool.given, words.slice(dashes + 1));
  if (hidden?.port === undefined) return undefined;
  return {
    message: `${tool.name} ignores "${hidden.text}" behind --`,
    hint: `leave out the -- before ${hidden.text}`,
  };
}

function wrongPort(
  argv: readonly string[],
  { tool, call, given, port }: Facts,
): CommandPlan["refusal"] {
  const { text = "", port: named } = given ?? {};
  const isTyped = text.split(" ").every((word) => argv.includes(word));
  const naming = call.scripts.find((script) => script.line.includes(text));
  const script = isTyped ? undefined : (naming ?? call.scripts.at(-1));
  const what = script ? `the script "${script.name}"` : "the command";
  return {
    message: `${what} starts ${tool.name} on port ${named}, but port ${port} is claimed for it`,
    hint: script
      ? `remove "${text}" from the script in ${join(script.directory, "package.json")}`
      : `write '{port}' in place of ${named}`,
    asTyped: isTyped && tool.position === true,
  };
}

const preference = (given: GivenPort | undefined) =>
  given?.port === undefined || given.port < 1024 ? {} : { preferred: given.port };
