/** The name of a variable that a portclaim.toml sets must end in one of these. */
const ENDINGS = ["PORT", "URL", "URI", "HOST", "ORIGIN", "ADDR", "ENDPOINT", "DSN"];
/** Variables with these prefixes make other programs load code or behave differently. */
const FORBIDDEN = ["LD_", "DYLD_", "GIT_", "SSH_", "NODE_", "BUN_", "PORTCLAIM_"];

/** Why a portclaim.toml may not set a variable. Unlike an .envrc, the file isn't approved by anyone. */
export function problemOfName(name: string): string | undefined {
  const shown = JSON.stringify(name);
  if (!/^[A-Z_][A-Z0-9_]*$/.test(name)) {
    return `${shown} is not the name of a variable; expected A to Z, 0 to 9 and _`;
  }
  const prefix = FORBIDDEN.find((each) => name.startsWith(each));
  if (prefix !== undefined) return `${shown} begins with ${prefix}, which is not allowed`;
  if (ENDINGS.some((ending) => name.endsWith(`_${ending}`))) return undefined;
  return `${shown} must end in ${ENDINGS.map((ending) => `_${ending}`).join(", ")}`;
}

const LOOPBACK = String.raw`(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])`;
const PORT = String.raw`\{([^{}]+)\.port\}`;
const USER = String.raw`(?:[\w.~%-]+(?::[\w.~%!*+=,-]*)?@)?`;
const REST = String.raw`(?:[/?#][\w.~:/?#@!&*+,;=%()[\]-]*)?`;
const VALUE = new RegExp(
  `^(?:${PORT}|${LOOPBACK}:${PORT}|[a-z][a-z0-9+.-]*://${USER}${LOOPBACK}:${PORT}${REST})$`,
  "i",
);

/** What is wrong with a value of `[env]`. In any shell, single quotes are enough for a valid one. */
export function checkValue(
  value: string,
  services: { has(name: string): boolean },
): string | undefined {
  const match = VALUE.exec(value);
  if (match === null) {
    return `${JSON.stringify(value)} is not {api.port}, localhost:{api.port} or http://localhost:{api.port}/…`;
  }
  const service = match.slice(1).find((name) => name !== undefined) ?? "";
  return services.has(service) ? undefined : `there is no service ${JSON.stringify(service)}`;
}

/** A value with the ports in place of {api.port}. */
export function fillValue(value: string, portOf: (service: string) => number | undefined): string {
  return value.replace(/\{([^{}]+)\.port\}/, (_, service: string) => String(portOf(service)));
}
