import { exactArguments } from "../../native/posix/exec.ts";
import type { Here } from "../../registry/config/checkout.ts";
import { loadProjectFile, tryLoadProjectFile } from "../../registry/config/project-file.ts";
import { type ProjectFile, serviceOf } from "../../registry/config/project.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { defineCommand } from "../command.ts";
import { here, open, warnOnce } from "../context.ts";
import { UsageError } from "../exit.ts";
import type { Io } from "../output/io.ts";
import { missingCommand } from "../parse/missing-command.ts";
import type { Options, Values } from "../parse/options.ts";
import { REQUEST, requestOf, variablesFor } from "../parse/request.ts";
import { loadProject } from "../project/load-project.ts";
import { defaultService, servicesOf, severalServices } from "../run/default-service.ts";
import { launch } from "../run/launch.ts";
import { runAll } from "../run/run-all.ts";
import { runService } from "../run/run-service.ts";

const OPTIONS = {
  ...REQUEST,
  "no-inject": { type: "flag", summary: "Leave the command alone: only set the variables." },
  all: {
    type: "flag",
    summary: "Claim every service of portclaim.toml, for a process manager.",
  },
  another: {
    type: "flag",
    summary: "Start the service even if it is already running.",
  },
} as const satisfies Options;

type Given = Values<typeof OPTIONS>;

export const runCommand = defineCommand({
  name: "run",
  about: `Sets PORT (the first service's port) and a variable for each service (WEB_PORT), replaces {port} and {service.port} in the arguments, and becomes the command: the claim lives as long as the server, and signals and exit code are the server's own.

A server that ignores PORT gets the port in the way that it expects, through package scripts and runners too: npm run dev becomes npm run dev -- --port 3000 --strictPort if its script runs vite. run prints what it added. A port that the command or its script names is preferred.

Without a command, runs the service's command from portclaim.toml, in its directory and with all the project's variables. If the service is already running in this checkout, prints its URL instead. Without a service, uses the one that portclaim.toml has for this directory, else the name in package.json or of the directory.

Quote '{port}': before a redirection, zsh takes an unquoted {port} for a file descriptor and drops it. In a shell script given to the command, write $PORT: {port} is replaced only where no $ stands before it.`,
  output: "bare",
  options: OPTIONS,
  rest: "COMMAND [ARGUMENT…]",
  examples: [
    ["portclaim run web -- npm start", "Run npm start with PORT and WEB_PORT set."],
    ["portclaim run web -- ./server --listen '{port}'", "Pass the port as an argument."],
    ["portclaim run web", "Run the command that portclaim.toml has for web."],
    ["portclaim run --all -- overmind start", "Claim all ports for a process manager."],
    ["portclaim run web api -- ./dev '{web.port}' '{api.port}'", "Claim two ports at once."],
  ],
  async run(values, io, rest) {
    const registry = await open(io);
    const place = here(io, registry);
    if (values.all) return await startAll(values, io, registry, place, rest);
    if (rest === undefined) return await startService(values, io, registry, place);
    const { cwd, checkout } = place;
    const { file } =
      values.service.length > 0 ? {} : await tryLoadProjectFile(registry.machine, checkout);
    const service = values.service.length > 0 ? values.service : [defaultService(file, cwd)];
    const request = requestOf({ ...values, service }, "run", io);
    if (rest[0] === undefined || rest[0].startsWith("-")) throw missingCommand(values, rest);
    const names = variablesFor(service);
    await launch(io, registry, {
      request,
      words: rest,
      given: exactArguments(rest),
      cwd,
      root: checkout?.root,
      injects: !values["no-inject"],
      variables: (grants) => {
        const each = grants.map(({ claim }, i) => [names[i] ?? "", String(claim.port)]);
        return { ...Object.fromEntries(each), PORT: String(grants[0]?.claim.port) };
      },
    });
  },
});

async function startService(values: Given, io: Io, registry: Registry, place: Here): Promise<void> {
  const file = await loadProjectFile(registry.machine, place.checkout);
  if (file === undefined) {
    requestOf(values, "run", io);
    throw missingCommand(values, []);
  }
  for (const warning of file.warnings) warnOnce(io, warning);
  const service = oneService(values, file, place);
  const { run } = service;
  if (run === undefined) {
    throw new UsageError(
      `portclaim.toml has no command for ${service.name}`,
      `add run = "npm run dev" to [services.${service.name}], or type: portclaim run ${service.name} -- npm run dev`,
    );
  }
  const request = requestOf({ ...values, service: [service.name] }, "run", io);
  const { another, "no-inject": noInject } = values;
  const asked = { ...request, another, injects: !noInject };
  await runService(io, registry, file, { ...service, run }, asked);
}

function oneService(values: Given, file: ProjectFile, { cwd }: Here) {
  const local = servicesOf(file, cwd);
  const names = values.service.length > 0 ? values.service : local;
  const [name = "", ...others] = names;
  if (values.service.length === 0 && names.length !== 1) {
    throw severalServices(local.length > 0 ? local : [...file.services.keys()]);
  }
  if (others.length > 0) {
    if (!names.every((each) => file.services.has(each))) throw missingCommand(values, []);
    throw new UsageError(
      `run starts one service, not ${names.length}`,
      "for several, use a process manager: portclaim run --all -- overmind start (or foreman, hivemind, process-compose)",
    );
  }
  const service = serviceOf(file, name, values.project);
  if (service) return service;
  throw new UsageError(
    `portclaim.toml has no service ${JSON.stringify(name)}`,
    `it has ${[...file.services.keys()].join(", ") || "no services"}; or give a command: portclaim run ${name} -- npm run dev`,
  );
}

async function startAll(
  values: Given,
  io: Io,
  registry: Registry,
  place: Here,
  rest: string[] | undefined,
): Promise<void> {
  const extra = (["prefer", "exact", "project", "another"] as const).find((name) => values[name]);
  if (values.service.length > 0) throw new UsageError("--all can't be used with a service");
  if (extra !== undefined) throw new UsageError(`--all can't be used with --${extra}`);
  if (rest?.[0] === undefined) {
    throw new UsageError("missing command", "name it: portclaim run --all -- overmind start");
  }
  const file = await loadProject(io, registry, place);
  const { services: _, ...asked } = requestOf({ ...values, service: ["all"] }, "run", io);
  await runAll(io, registry, place, file, rest, asked);
}
