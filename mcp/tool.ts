import type { Registry } from "../registry/store/registry.ts";
import type { Session } from "./session.ts";

/** One argument of a tool, as JSON Schema: what clients are shown and what calls are held to. */
export interface Argument {
  type: "string" | "integer" | "boolean";
  description: string;
  enum?: string[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
}

/** A value that a tool returns, as JSON Schema; every one is described. */
export interface Field {
  type: string;
  description: string;
  enum?: string[];
  items?: Field;
  properties?: Record<string, Field>;
  required?: string[];
  additionalProperties?: false;
}

/** A call under way. */
export interface Call {
  registry: Registry;
  session: Session;
  /** Aborted when the client takes the call back or is gone. */
  signal: AbortSignal;
}

/** One tool: what a model reads about it, and what it does. */
export interface Tool {
  name: string;
  title: string;
  description: string;
  input: Record<string, Argument>;
  required: string[];
  /** What it returns besides `ok`, `hint` and `error`; none of it is there on a refusal. */
  output: Record<string, Field>;
  annotations: { readOnlyHint: boolean; destructiveHint: boolean; idempotentHint: boolean };
  /** Its result with a `hint`: what to do next. Throws a RegistryError for what the registry won't do. */
  run(args: never, call: Call): Promise<{ hint: string } & Record<string, unknown>>;
}
