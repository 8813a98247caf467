import type { Registry } from "../registry/store/registry.ts";
import type { Session } from "./session.ts";

/** One argument of a tool, as JSON Schema: what clients are shown and what calls are checked against. */
export interface Argument {
  type: "string" | "integer" | "boolean";
  description: string;
  enum?: string[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
}

/** A value that a tool returns, as JSON Schema, with a description. */
export interface Field {
  type: string;
  description: string;
  enum?: string[];
  items?: Field;
  properties?: Record<string, Field>;
  required?: string[];
  additionalProperties?: false;
}

/** A call in progress. */
export interface Call {
  registry: Registry;
  session: Session;
  /** Aborted when the client cancels the call or disconnects. */
  signal: AbortSignal;
}

/** One tool: its description for models, and what it does. */
export interface Tool {
  name: string;
  title: string;
  description: string;
  input: Record<string, Argument>;
  required: string[];
  /** What it returns besides `ok`, `hint` and `error`; absent if the call failed. */
  output: Record<string, Field>;
  /** Whether a broken config makes it fail. */
  needsConfig?: true;
  annotations: { readOnlyHint: boolean; destructiveHint: boolean; idempotentHint: boolean };
  /** Its result, with a `hint` on what to do next. Throws a RegistryError. */
  run(args: never, call: Call): Promise<{ hint: string } & Record<string, unknown>>;
}
