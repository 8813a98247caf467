import { UsageError } from "../exit.ts";
import { isProgram, quote, runLine } from "./dashes.ts";

/** Programs that run others: `acquire web npm run dev` isn't about a service called npm. */
const RUNNERS =
  /(?:^| )(?:npm|npx|pnpm|yarn|bunx?|uvx?|poetry|bundle|python3?|make|node \S+\.\w+)(?: |$)/;

/** Refuses what was hardly meant as the names of services: "web,api", "web:3000", a command. */
export function checkServices(services: readonly string[], command: string): void {
  for (const service of services) {
    if (service.includes(",")) {
      const names = service.split(",").map((name) => name.trim());
      const line = `portclaim ${command} ${names.filter(Boolean).map(quote).join(" ")}`;
      throw new UsageError(
        `invalid service ${JSON.stringify(service)}: it contains a ","`,
        `several services: ${line}`,
      );
    }
    const [, name, port] = /^(.+)[:=](\d+)$/.exec(service) ?? [];
    if (name !== undefined) {
      const line = `portclaim ${command} ${quote(name)} --prefer ${port}`;
      throw new UsageError(
        `invalid service ${JSON.stringify(service)}: it contains a port`,
        `to ask for the port: ${line}`,
      );
    }
  }
  const words = services.flatMap((service) => service.split(" "));
  if (command !== "acquire" || words.length < 2 || !RUNNERS.test(words.join(" "))) return;
  const [first = "", ...rest] = words;
  const line = isProgram(first) ? runLine(["web"], words) : runLine([first], rest);
  throw new UsageError("acquire claims ports, and runs no command", `to run it on a port: ${line}`);
}
