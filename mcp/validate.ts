import { RegistryError } from "../registry/errors/errors.ts";
import type { Argument, Tool } from "./tool.ts";

/** Checks a call's arguments against its tool's schema. Throws a RegistryError ("invalid") that says what is expected. */
export function validateArguments(tool: Tool, given: Record<string, unknown> = {}): object {
  const valid: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    // Models often write null for an argument that they leave out.
    if (value === null || value === undefined) continue;
    const argument = Object.hasOwn(tool.input, name) ? tool.input[name] : undefined;
    if (argument === undefined) {
      const names = Object.keys(tool.input).join(", ");
      throw invalid(name, `unknown argument ${show(name)}; ${tool.name} takes ${names}`);
    }
    const expected = mismatch(argument, value);
    if (expected) throw invalid(name, `invalid ${name} ${show(value)}: expected ${expected}`);
    valid[name] = value;
  }
  const missing = tool.required.find((name) => !(name in valid));
  if (missing !== undefined) throw invalid(missing, `missing argument ${show(missing)}`);
  return valid;
}

/** What a value should have been; `undefined` if it is valid. */
function mismatch(argument: Argument, value: unknown): string | undefined {
  const { type, minimum = -Infinity, maximum = Infinity, minLength = 0, maxLength } = argument;
  if (type === "boolean") return typeof value === "boolean" ? undefined : "true or false";
  if (type === "integer") {
    const isValid = Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
    return isValid ? undefined : `an integer from ${minimum} to ${maximum}`;
  }
  if (argument.enum) {
    return argument.enum.includes(value as string) ? undefined : argument.enum.join(" or ");
  }
  if (typeof value !== "string") return "a string";
  const { length } = [...value];
  if (length < minLength) return "a non-empty string";
  return maxLength !== undefined && length > maxLength
    ? `at most ${maxLength} characters`
    : undefined;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function invalid(what: string, message: string): RegistryError {
  return new RegistryError(message, { code: "invalid", what });
}
