import type { Forced } from "../model/consequences.ts";
import { type Field, textsOf } from "../model/field.ts";
import { readOptions } from "../model/options.ts";
import { onlyTells } from "./end.ts";

/** `portclaim stop 3000 --force`, which overrides whose claim it is. */
export function portclaim(args: readonly Field[]): Forced | undefined {
  if (onlyTells(args)) return undefined;
  const { values, rest } = readOptions(args, {
    short: "s",
    long: "service project port agent timeout",
  });
  const [command, ...names] = textsOf(rest);
  if ((command !== "stop" && command !== "release") || !values.has("force")) return undefined;
  const name =
    names[0] ?? (values.get("service") ?? values.get("s"))?.[0] ?? values.get("port")?.[0];
  const project = values.get("project")?.[0];
  const isPort = /^\d+$/.test(name ?? "");
  return {
    command,
    ...(name && (isPort ? { port: Number(name) } : { service: name })),
    ...(project && { project }),
  };
}
