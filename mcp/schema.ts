import { HIGHEST_PORT, LOWEST_PORT } from "../registry/model/claim.ts";
import type { Argument, Field } from "./tool.ts";

/** As the registry has it: 1 to 128 characters. */
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
    "Absolute path of the project's directory. Default: the client's workspace root, else the directory this server runs in",
  minLength: 1,
};

/** Arguments that several tools take. */
export const input = { name, port, cwd };

const text = (description: string): Field => ({ type: "string", description });
const integer = (description: string): Field => ({ type: "integer", description });
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
  "A process that listens",
  { addresses: list("Addresses that it listens on", text("An IP address")) },
  {
    pid: integer("Process id; absent if it may not be seen"),
    command: text("Its program; absent if it may not be seen"),
    cwd: text("Its working directory; absent if it may not be seen"),
  },
);

const STATES = {
  starting: "claimed a moment ago and about to be bound",
  listening: "in use",
  idle: "nothing has listened for long",
  orphaned: "its owner ended but the server runs on",
  dead: "its owner ended and nothing listens",
  unknown: "its owner is in another container or on another host",
};

/** A claim with what is so now. */
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
      pid: integer("Process that the claim lives as long as"),
      lease: choice("persistent: never taken over while its owner lives", [
        "ephemeral",
        "persistent",
      ]),
      claimed_at: text("When it was claimed, UTC"),
      age: number("Seconds since it was claimed"),
      listeners: list("Processes that listen on the port now", listener),
    },
    {
      agent: text("Agent that claimed it; absent if a person or script did"),
      command: text("The program of pid; absent if not recorded"),
      cwd: text("Directory it was claimed for; absent if not recorded"),
    },
  );

/** Values that several tools return. */
export const output = { text, integer, number, list, choice, object, claim };
