/** The environment variable of a service's port: next-dev → NEXT_DEV_PORT. */
export function variableFor(service: string): string {
  const name = service.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
  return `${/^\d/.test(name) ? "_" : ""}${name}_PORT`;
}
