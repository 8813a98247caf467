import { RegistryError } from "../registry/model/errors.ts";
import type { Argument, Tool } from "./tool.ts";

/** A call's arguments as its tool takes them. Throws a RegistryError ("invalid") that says what it takes. */
export function checkArguments(tool: Tool, given: Record<string, unknown> = {}): object {
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    // A model that means "not given" often writes null.
    if (value === null || value === undefined) continue;
    const argument = Object.hasOwn(tool.input, name) ? tool.input[name] : undefined;
    if (argument === undefined) throw unknown(tool, name);
    const rule = broken(argument, value);
    if (rule) throw invalid(name, `Cannot use ${show(value)} for ${name}: it is not ${rule}`);
    checked[name] = value;
  }
  const missing = tool.required.find((name) => !(name in checked));
  if (missing === undefined) return checked;
  throw invalid(missing, `Cannot call ${tool.name}: it needs ${missing}`);
}

/** What a value should have been; nothing if it is. */
function broken(argument: Argument, value: unknown): string | undefined {
  const { type, minimum = -Infinity, maximum = Infinity, minLength = 0, maxLength } = argument;
  if (type === "boolean") return typeof value === "boolean" ? undefined : "true or false";
  if (type === "integer") {
    const fits = Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
    return fits ? undefined : `an integer from ${minimum} to ${maximum}`;
  }
  if (argument.enum) {
    return argument.enum.includes(value as string) ? undefined : argument.enum.join(" or ");
  }
  if (typeof value !== "string") return "a string";
  const { length } = [...value];
  if (length < minLength) return "a string with something in it";
  return maxLength !== undefined && length > maxLength
    ? `${maxLength} characters or fewer`
    : undefined;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function unknown(tool: Tool, name: string): RegistryError {
  const names = Object.keys(tool.input).join(", ");
  return invalid(name, `Cannot use ${show(name)}: ${tool.name} takes ${names}`);
}

function invalid(what: string, message: string): RegistryError {
  return new RegistryError(message, { code: "invalid", what });
}
