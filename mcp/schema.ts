import { HIGHEST_PORT, LOWEST_PORT } from "../registry/model/claim.ts";
import type { Argument, Field } from "./tool.ts";

/** The registry's own limit. */
const LONGEST_NAME = 128;

const name = (description: string): Argument => ({
  type: "string",
  description,
  minLength: 1,
  maxLength: LONGEST_NAME,
});

const port = (description: string): Argument => ({
  type: "integer",
  description,
  minimum: LOWEST_PORT,
  maximum: HIGHEST_PORT,
});

const cwd: Argument = {
  type: "string",
  description:
    "Absolute path of the project's directory. Default: the client's workspace root, else this server's working directory",
  minLength: 1,
};

/** Arguments that several tools take. */
export const input = { name, port, cwd };

const text = (description: string): Field => ({ type: "string", description });
const integer = (description: string): Field => ({ type: "integer", description });
const boolean = (description: string): Field => ({ type: "boolean", description });
const number = (description: string): Field => ({ type: "number", description });
const list = (description: string, items: Field): Field => ({ type: "array", description, items });
const choice = (description: string, options: string[]): Field => ({
  type: "string",
  description,
  enum: options,
});

type Fields = Record<string, Field>;

/** An object with exactly these fields. */
function object(description: string, always: Fields, sometimes: Fields = {}): Field {
  return {
    type: "object",
    description,
    properties: { ...always, ...sometimes },
    required: Object.keys(always),
    additionalProperties: false,
  };
}

const listener = object(
  "A listening process",
  { addresses: list("Addresses that it listens on", text("An IP address")) },
  {
    suspended: boolean("Whether it is suspended (Ctrl-Z) and answers nothing; absent if not"),
    pid: integer("Process id; absent if this user may not see it"),
    command: text("Its program; absent if this user may not see it"),
    cwd: text("Its working directory; absent if this user may not see it"),
  },
);

const STATES = {
  starting: "claimed recently, nothing listens yet",
  listening: "its server is running",
  occupied: "its owner is alive, but only a process that doesn't belong to the claim listens",
  idle: "nothing has listened for a long time",
  orphaned: "its owner has exited, but its server is still running",
  dead: "its owner has exited, and its server too",
  unknown: "its owner is in another container or on another host",
};

/** A claim with its current state and listeners. */
const claim = (description: string) =>
  object(
    description,
    {
      port: integer("TCP port"),
      state: choice(
        Object.entries(STATES)
          .map(([state, meaning]) => `${state}: ${meaning}`)
          .join(". "),
        Object.keys(STATES),
      ),
      service: text("What the port is for"),
      project: text("Project that the service belongs to"),
      pid: integer("Process id of the owner; the claim ends when it exits"),
      lease: choice("persistent: never given to another service while its owner is alive", [
        "ephemeral",
        "persistent",
      ]),
      claimed_at: text("When it was claimed, UTC"),
      age: number("Seconds since it was claimed"),
      listeners: list("Processes that listen on the port now", listener),
    },
    {
      foreign: list("Those of listeners that don't belong to the claim; absent if none", listener),
      elsewhere: list(
        "Unclaimed ports on which its server listens instead; absent if none",
        object("A port", {
          port: integer("TCP port"),
          pid: integer("Process id of the server"),
          command: text("Its program"),
        }),
      ),
      agent: text("Agent that claimed it; absent if it was a person or a script"),
      command: text("The owner's program; absent if not recorded"),
      cwd: text("Directory that it was claimed in; absent if not recorded"),
    },
  );

/** Values that several tools return. */
export const output = { text, integer, number, boolean, list, choice, object, claim };
