import { type Data, type Format, NAME, type Server } from "../format.ts";
import { json } from "../json.ts";
import { yaml } from "../yaml.ts";

export const start = ({ command, args, env }: Server): Data => ({
  command,
  args,
  ...(env && { env }),
});
export const servers: Format = { syntax: json, key: "mcpServers", start };
// Devin's schema forbids the transport's type, which other agents write themselves.
export const typed: Format = { ...servers, defaults: { type: "stdio" } };
/** Of opencode and Kilo Code. */
export const local: Format = {
  syntax: json,
  key: "mcp",
  start: ({ command, args, env }) => ({
    command: [command, ...args],
    ...(env && { environment: env }),
  }),
  defaults: { type: "local", enabled: true },
};
export const list: Format = {
  syntax: yaml,
  key: "mcpServers",
  isList: true,
  start,
  defaults: { name: NAME },
};
