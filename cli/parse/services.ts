import { UsageError } from "../exit.ts";
import { isProgram, quote, runLine } from "./dashes.ts";

/**
 * Refuses words that were hardly meant as services: "web,api", "web:3000", a command. startup: most names
 * pass without a regular expression, whose first use costs 0.1 ms.
 */
export function checkServices(services: readonly string[], command: string): void {
  if (services.length === 1 && services[0] === "help") {
    throw new UsageError('invalid service "help"', `for help: portclaim ${command} --help`);
  }
  for (const service of services) {
    if (service.includes(",")) throw severalServices(service, command);
    if (service.includes(":") || service.includes("=")) checkPort(service, command);
  }
  const [first = ""] = services;
  if (command === "acquire" && (services.length > 1 || first.includes(" "))) checkCommand(services);
}

function severalServices(service: string, command: string): UsageError {
  const names = service.split(",").map((name) => name.trim());
  const line = `portclaim ${command} ${names.filter(Boolean).map(quote).join(" ")}`;
  const what = `invalid service ${JSON.stringify(service)}: it contains a ","`;
  return new UsageError(what, `several services: ${line}`);
}

function checkPort(service: string, command: string): void {
  const [, name, port] = /^(.+)[:=](\d+)$/.exec(service) ?? [];
  if (name === undefined) return;
  const line = `portclaim ${command} ${quote(name)} --prefer ${port}`;
  const what = `invalid service ${JSON.stringify(service)}: it contains a port`;
  throw new UsageError(what, `to ask for the port: ${line}`);
}

/** `acquire web npm run dev` isn't about a service called npm. */
function checkCommand(services: readonly string[]): void {
  const words = services.flatMap((service) => service.split(" "));
  const runners =
    /(?:^| )(?:npm|npx|pnpm|yarn|bunx?|uvx?|poetry|bundle|python3?|make|node \S+\.\w+)(?: |$)/;
  if (!runners.test(words.join(" "))) return;
  const [first = "", ...rest] = words;
  const line = isProgram(first) ? runLine(["web"], words) : runLine([first], rest);
  throw new UsageError("acquire claims ports, and runs no command", `to run it on a port: ${line}`);
}
