import { reserve, type Reserved } from "../../registry/allocate/reserve.ts";
import { projectVariables, withoutKept } from "../../registry/config/project-variables.ts";
import type { ProjectFile } from "../../registry/config/project.ts";
import { agentSession, detectAgent } from "../../registry/owner/agent.ts";
import { callerFor, resolveCaller } from "../../registry/owner/caller.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { transact } from "../../registry/store/transaction.ts";
import { defineCommand } from "../command.ts";
import { here, open } from "../context.ts";
import { UsageError } from "../exit.ts";
import { type Io, printJson } from "../output/io.ts";
import { warnAboutGrant, warnAboutServer } from "../output/warnings.ts";
import { EnvFile } from "../project/env-file.ts";
import { formatVariables } from "../project/format-variables.ts";
import { loadProject } from "../project/load-project.ts";
import { sayKept } from "../project/say-kept.ts";
import { isTracked } from "../project/tracked.ts";

export const envCommand = defineCommand({
  name: "env",
  about: `Reserves a port for each service of portclaim.toml that has none in this checkout, and prints all of them (WEB_PORT, never a bare PORT) and the values of its [env]. The output is the same from every directory of the checkout, and nothing is written if everything is claimed already, so direnv and mise may call it as often as they like.

A reserved port waits for its service: the next acquire or run of that service takes it over, no matter who calls it. A variable that the environment already has keeps its value, unless [env] names it.

With --write, keeps the variables in a marked block of a file such as .env.local, and touches nothing else in it.`,
  output: "bare",
  options: {
    format: {
      type: "choice",
      summary: "Print export lines, lines of a .env file, or a JSON object (default: shell).",
      choices: ["shell", "dotenv", "json"],
    },
    write: {
      type: "text",
      summary: "Write the variables into a marked block of this file.",
      value: "FILE",
    },
    remove: { type: "flag", summary: "Remove the block from the file that --write names." },
    pid: {
      type: "pid",
      summary:
        "The process that the claims belong to (default: the agent, shell or script that called).",
      value: "PID",
    },
  },
  examples: [
    ['eval "$(portclaim env)"', "Set this project's ports in the shell."],
    ["portclaim env --write .env.local", "Keep them in a file that the framework reads."],
    ["portclaim env --write .env.local --remove", "Remove them from it."],
  ],
  async run({ format, write, remove, pid }, io) {
    if (remove && write === undefined) {
      throw new UsageError("missing --write", "type: portclaim env --write FILE --remove");
    }
    if (format !== undefined && (write !== undefined || (io.json && format !== "json"))) {
      throw new UsageError(
        `--format can't be used with ${write === undefined ? "--json" : "--write"}`,
      );
    }
    const registry = await open(io);
    const place = here(io, registry);
    if (write !== undefined && remove) {
      const root = place.checkout?.root ?? place.cwd;
      return await writeBlock(io, registry, EnvFile.at(place.cwd, write, root), "");
    }
    const file = await loadProject(io, registry, place);
    const target = write === undefined ? undefined : EnvFile.at(place.cwd, write, file.root);
    const reserved = await reservePorts(io, registry, file, pid);
    try {
      const variables = projectVariables(file, reserved.ports);
      if (target) await writeBlock(io, registry, target, formatVariables(variables, "dotenv"));
      else print(io, file, variables, io.json ? "json" : (format ?? "shell"));
    } catch (error) {
      // The caller never learned of the ports.
      await reserved.undo();
      throw error;
    }
    for (const grant of reserved.grants) warnAboutGrant(grant, io);
    for (const claim of reserved.found) warnAboutServer(claim, io);
  },
});

function reservePorts(
  io: Io,
  registry: Registry,
  file: ProjectFile,
  pid: number | undefined,
): Promise<Reserved> {
  const { machine } = registry;
  const session = agentSession(io.env)?.value;
  const reserving = { cwd: io.cwd(), agent: detectAgent(io.env), session };
  const caller = () =>
    pid === undefined ? resolveCaller(machine, "env") : callerFor(machine, pid);
  return reserve(registry, file, [...file.services.values()], reserving, caller);
}

function print(
  io: Io,
  file: ProjectFile,
  all: ReadonlyMap<string, string>,
  format: "shell" | "dotenv" | "json",
): void {
  const { variables, kept } = withoutKept(all, file, io.env);
  io.print(formatVariables(variables, format));
  sayKept(io, all, kept);
}

/** Writes the block while no other portclaim writes one. */
async function writeBlock(io: Io, registry: Registry, file: EnvFile, block: string): Promise<void> {
  const isChanged = !file.has(block);
  // The registry's lock keeps two calls from writing at once.
  if (isChanged) await transact(registry, () => file.write(block));
  if (io.json) printJson(io, { path: file.path, changed: isChanged });
  else if (isChanged) io.say(`${block === "" ? "removed the block from" : "wrote"} ${file.path}`);
  if (isChanged && block !== "" && isTracked(file.path)) {
    io.say(
      `warning: git tracks ${file.path}; ports differ in every checkout, so ignore it instead`,
    );
  }
}
