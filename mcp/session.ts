import { fileURLToPath } from "node:url";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { Machine } from "../native/machine.ts";
import { type Here, locate } from "../registry/config/checkout.ts";
import { tryLoadProjectFile } from "../registry/config/project-file.ts";
import { placeOf } from "../registry/config/project.ts";
import { realDirectory } from "../registry/config/real-directory.ts";
import { RegistryError } from "../registry/errors/errors.ts";
import { type Caller, resolveCaller } from "../registry/owner/caller.ts";
import { agentOfClient } from "../registry/owner/mcp-client.ts";
import type { Registry } from "../registry/store/registry.ts";

/** The program that hosts the server, which itself reads no arguments, variables or files. */
export interface Host {
  version: string;
  /** Opens the registry. Each call opens it anew, so that a changed config takes effect at once. */
  open(): Promise<Registry>;
  /** The same with the default config if it is broken, for calls that don't choose a port. */
  openAnyway(): Promise<Registry>;
  /** The agent's name from the environment; it takes precedence over the client's name. */
  agent: string | undefined;
  /** The agent's session id from the environment. */
  session: string | undefined;
  /** The server's working directory, for clients that report no roots. Throws if it was removed. */
  directory(): string;
  /** Logs a problem for people, not for the client. */
  log(text: string): void;
}

/** Milliseconds to wait for a client's roots before the server's directory is used. */
const ROOTS_TIMEOUT = 2000;

interface Named {
  cwd?: string | undefined;
  service?: string | undefined;
  project?: string | undefined;
}

/** One client of the server: its agent, its directory, and the owner of its claims. */
export class Session {
  #caller: Caller | undefined;
  #root: Promise<string | undefined> | undefined;

  constructor(
    readonly host: Host,
    readonly server: Server,
  ) {}

  get agent(): string | null {
    return this.host.agent ?? agentOfClient(this.server.getClientVersion()?.name);
  }

  /** The agent that started this server, which owns its claims. Throws a RegistryError ("no-owner"). */
  resolveCaller(machine: Machine): Caller {
    if (this.#caller && isAlive(machine, this.#caller)) return this.#caller;
    const { owner, command, isAncestor } = resolveCaller(machine, "mcp-serve");
    // The call's shell and process group say nothing about who will bind the port, so they are dropped.
    this.#caller = { owner, command, isAncestor, group: owner.group };
    return this.#caller;
  }

  /** The same, or `undefined` if there is none. */
  findCaller(machine: Machine): Caller | undefined {
    try {
      return this.resolveCaller(machine);
    } catch (error) {
      if (error instanceof RegistryError) return undefined;
      throw error;
    }
  }

  /** Where a call is made: in its `cwd` argument, else in the client's root, else in the server's own directory. */
  async locate(registry: Registry, cwd: string | undefined): Promise<Here> {
    return locate(registry, cwd === undefined ? await this.#directory() : realDirectory(cwd));
  }

  /** Where a service is claimed: its directory in portclaim.toml, else where the call is made. */
  async placeOf(registry: Registry, { cwd, service, project }: Named): Promise<Here> {
    const here = await this.locate(registry, cwd);
    const { file } = await tryLoadProjectFile(registry.machine, here.checkout);
    return placeOf(file, service, here, project);
  }

  /** Forgets the client's roots, which have changed. */
  forgetRoots(): void {
    this.#root = undefined;
  }

  async #directory(): Promise<string> {
    this.#root ??= this.#requestRoot();
    const root = await this.#root;
    if (root !== undefined) return root;
    try {
      return this.host.directory();
    } catch {
      const message = "the directory that this server was started in no longer exists";
      throw new RegistryError(message, { code: "invalid", what: "cwd" });
    }
  }

  async #requestRoot(): Promise<string | undefined> {
    if (!this.server.getClientCapabilities()?.roots) return undefined;
    try {
      const { roots } = await this.server.listRoots(undefined, { timeout: ROOTS_TIMEOUT });
      return roots.map(({ uri }) => directoryOf(uri)).find((path) => path !== undefined);
    } catch (error) {
      this.host.log(`cannot get the client's roots: ${(error as Error).message}`);
      return undefined;
    }
  }
}

function isAlive(machine: Machine, { owner }: Caller): boolean {
  const now = machine.process(owner.pid);
  return now !== undefined && !now.ended && now.start === owner.start;
}

/** The directory that a `file:` URI names; `undefined` for anything else. */
function directoryOf(uri: string): string | undefined {
  if (!uri.startsWith("file:")) return undefined;
  try {
    return realDirectory(fileURLToPath(uri));
  } catch {
    return undefined;
  }
}
