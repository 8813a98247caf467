import { RegistryError } from "../errors/errors.ts";
import { isPort } from "../model/claim.ts";

/** Throws a RegistryError ("invalid") unless a value is a TCP port. `what` is the option. */
export function validatePort(what: string, port: unknown): void {
  if (isPort(port)) return;
  const message = `not a port: ${String(port)}; expected a number from 1 to 65535`;
  throw new RegistryError(message, { code: "invalid", what });
}
