import { UsageError } from "../exit.ts";
import { isProgram, runLine } from "./dashes.ts";
import type { Values } from "./options.ts";
import type { REQUEST } from "./request.ts";

/**
 * The error for `run` without `--`, whose command's words were taken for services. `rest` is what
 * followed a `--` within the command, as in `npm run dev -- --host`.
 */
export function missingCommand(
  values: Values<typeof REQUEST>,
  rest: readonly string[],
): UsageError {
  const { service, project, prefer, exact } = values;
  const words = isProgram(service[0]?.split(" ")[0])
    ? service.flatMap((one) => one.split(" "))
    : service;
  const start = isProgram(words[0]) ? 0 : 1;
  const command = [...words.slice(start), ...(rest.length > 0 ? ["--", ...rest] : [])];
  const own = [
    start === 0 ? "web" : (words[0] ?? "web"),
    ...(project === undefined ? [] : ["--project", project]),
    ...(prefer === undefined ? [] : ["--prefer", `${prefer}`]),
    ...(exact ? ["--exact"] : []),
  ];
  const line = runLine(own, command.length > 0 ? command : ["npm", "run", "dev"]);
  return new UsageError("missing command", `put -- before the command: ${line}`);
}
