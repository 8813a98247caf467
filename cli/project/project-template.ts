import { basename, join, relative } from "node:path";
import { listWorkspaces, type Package, readPackage } from "../../frameworks/packages.ts";
import { planCommand } from "../../frameworks/plan-command.ts";
import { diskReader, type Reader } from "../../frameworks/reader.ts";
import { variableFor } from "../../registry/values/variable.ts";

const SCHEMA = "https://github.com/portclaim/portclaim/raw/main/schema/portclaim.schema.json";
const SCRIPTS = ["dev", "start", "serve"];
/** The file may have 64 services. */
const MOST = 32;

const LOCK_FILES: Record<string, string> = {
  "pnpm-lock.yaml": "pnpm",
  "yarn.lock": "yarn",
  "bun.lock": "bun",
  "bun.lockb": "bun",
};

/** A service that a package's script starts. */
interface Found {
  name: string;
  directory: string;
  run: string;
  port?: number;
  /** Whether the script starts a known server. */
  isServer: boolean;
}

/** A commented portclaim.toml, with the services that package.json's scripts start in a directory. */
export function projectTemplate(root: string, reader: Reader = diskReader): string {
  const found = findServices(root, reader);
  const certain = found.filter(({ isServer }) => isServer);
  const shown = certain.length > 0 ? certain : found.slice(0, 1);
  const services = shown.map((service) => serviceLines(service, ""));
  const others = found.filter((service) => !shown.includes(service));
  const hidden = others.map((service) => serviceLines(service, "# "));
  return [
    `#:schema ${SCHEMA}`,
    "# The ports of this project, for portclaim. Commit this file. Every key is optional.",
    "#",
    "#   portclaim run web                  starts a service on its port",
    '#   eval "$(portclaim env)"            sets the ports in a shell',
    "#   portclaim env --write .env.local   keeps them in a file",
    "",
    `project = ${JSON.stringify(plain(basename(root)) || "project")}`,
    "",
    ...(services.length > 0 ? services : [EXAMPLE]),
    ...(hidden.length > 0 ? ["# These scripts may not start servers.\n", ...hidden] : []),
    environmentLines(shown),
  ].join("\n");
}

const EXAMPLE = `# [services.web]
# port = 3000                 # preferred
# run = "npm run dev"         # portclaim run web
# dir = "apps/web"            # where it runs, below this file
# env = "FRONTEND_PORT"       # set beside WEB_PORT
# lease = "persistent"        # keep the port even if nothing uses it for long
# shared = true               # one for all git worktrees, a database for example
`;

function findServices(root: string, reader: Reader): Found[] {
  const own = readPackage(reader, root);
  const others = listWorkspaces(reader, root).toSorted((a, b) =>
    a.directory < b.directory ? -1 : 1,
  );
  const packages = [...(own ? [own] : []), ...others];
  const names = new Set<string>();
  const ports = new Set<number>();
  const found: Found[] = [];
  for (const one of packages) {
    const service = found.length < MOST ? serviceOf(one, root, reader) : undefined;
    if (service === undefined || names.has(variableFor(service.name))) continue;
    names.add(variableFor(service.name));
    while (service.port !== undefined && ports.has(service.port)) service.port++;
    if (service.port !== undefined) ports.add(service.port);
    found.push(service);
  }
  return found;
}

function serviceOf(
  { directory, name, scripts }: Package,
  root: string,
  reader: Reader,
): Found | undefined {
  const script = SCRIPTS.find((each) => scripts.has(each));
  const path = relative(root, directory);
  // A path that needs quotes is left for a person to add.
  if (script === undefined || path.startsWith("..") || !/^[\w./@-]*$/.test(path)) return undefined;
  const manager = managerOf(root, reader);
  const argv = [manager, "run", script];
  const { tool, preferred, usualPort } = planCommand({ argv, cwd: directory, reader });
  const port = preferred ?? usualPort;
  return {
    name: path === "" ? "web" : nameOf(name, path),
    directory: path,
    run: argv.join(" "),
    ...(port !== undefined && port >= 1024 && { port }),
    isServer: tool !== undefined || preferred !== undefined,
  };
}

function nameOf(name = "", path: string): string {
  const last = name.split("/").at(-1) ?? "";
  return plain(/^[\w.-]+$/.test(last) ? last : basename(path)) || "service";
}

function managerOf(root: string, reader: Reader): string {
  const lock = Object.keys(LOCK_FILES).find((name) => reader.exists(join(root, name)));
  return LOCK_FILES[lock ?? ""] ?? "npm";
}

/** A name that needs no quotes in TOML. */
const plain = (text: string) =>
  text
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 64);

function serviceLines({ name, directory, run, port }: Found, start: string): string {
  const lines = [
    `[services.${name}]`,
    ...(port === undefined ? [] : [`port = ${port}`]),
    `run = ${JSON.stringify(run)}`,
    ...(directory === "" ? [] : [`dir = ${JSON.stringify(directory)}`]),
  ];
  return `${lines.map((line) => start + line).join("\n")}\n`;
}

function environmentLines(services: readonly Found[]): string {
  const name = services.at(-1)?.name ?? "web";
  return `# Variables with URLs of this machine, which portclaim env and run set.
# [env]
# ${variableFor(name).replace(/_PORT$/, "_URL")} = "http://localhost:{${name}.port}"
`;
}
