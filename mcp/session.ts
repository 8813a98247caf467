import { realpathSync, statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { Machine } from "../native/machine.ts";
import { type Here, locate } from "../registry/config/checkout.ts";
import { RegistryError } from "../registry/model/errors.ts";
import { type Caller, resolveCaller } from "../registry/owner/caller.ts";
import type { Registry } from "../registry/store/registry.ts";
import { agentOf } from "./agent.ts";
import type { Host } from "./host.ts";

/** Milliseconds that a client gets to tell its roots before the server's directory counts. */
const PATIENCE = 2000;

/** One client of the server: who it is, where it works, and whose claims its calls make. */
export class Session {
  #caller: Caller | undefined;
  #root: Promise<string | undefined> | undefined;

  constructor(
    readonly host: Host,
    readonly server: Server,
  ) {}

  get agent(): string | null {
    return this.host.agent ?? agentOf(this.server.getClientVersion()?.name);
  }

  /** The agent that started this server. Throws a RegistryError ("no-owner") if it can't be told. */
  caller(machine: Machine): Caller {
    if (this.#caller && lives(machine, this.#caller)) return this.#caller;
    const { owner, command, isAncestor: isLineage } = resolveCaller(machine, "mcp-serve");
    // No shell or group of the call is kept: what binds the port is started elsewhere.
    this.#caller = { owner, command, isAncestor: isLineage, group: owner.group };
    return this.#caller;
  }

  /** The same; nobody where it can't be told. */
  tryCaller(machine: Machine): Caller | undefined {
    try {
      return this.caller(machine);
    } catch (error) {
      if (error instanceof RegistryError) return undefined;
      throw error;
    }
  }

  /** The directory that a call is about, and its project: asked for, else the client's own. */
  async here(registry: Registry, asked: string | undefined): Promise<Here> {
    return locate(registry, asked === undefined ? await this.#directory() : checkDirectory(asked));
  }

  async #directory(): Promise<string> {
    this.#root ??= this.#askForRoot();
    return (await this.#root) ?? this.#own();
  }

  #own(): string {
    try {
      return this.host.directory();
    } catch {
      throw new RegistryError(
        "Cannot use the directory that this server was started in: it is gone",
        {
          code: "invalid",
          what: "cwd",
        },
      );
    }
  }

  /** The client has other roots now. */
  forgetRoot(): void {
    this.#root = undefined;
  }

  async #askForRoot(): Promise<string | undefined> {
    if (!this.server.getClientCapabilities()?.roots) return undefined;
    try {
      const { roots } = await this.server.listRoots(undefined, { timeout: PATIENCE });
      return roots.map(({ uri }) => folderAt(uri)).find((path) => path !== undefined);
    } catch (error) {
      this.host.log(`the client doesn't tell its roots: ${(error as Error).message}`);
      return undefined;
    }
  }
}

function lives(machine: Machine, { owner }: Caller): boolean {
  const now = machine.process(owner.pid);
  return now !== undefined && !now.ended && now.start === owner.start;
}

/** The real path of a folder that a `file:` URI names; `undefined` for anything else. */
function folderAt(uri: string): string | undefined {
  if (!uri.startsWith("file:")) return undefined;
  try {
    return realFolder(fileURLToPath(uri));
  } catch {
    return undefined;
  }
}

/** Resolved, because that is how the kernel tells where a listener works. */
function realFolder(path: string): string | undefined {
  const real = realpathSync(path);
  return statSync(real).isDirectory() ? real : undefined;
}

function checkDirectory(path: string): string {
  const refuse = (problem: string) =>
    new RegistryError(`Cannot use ${JSON.stringify(path)} for cwd: ${problem}`, {
      code: "invalid",
      what: "cwd",
    });
  if (!isAbsolute(path)) throw refuse("it is not an absolute path");
  let real: string | undefined;
  try {
    real = realFolder(path);
  } catch (error) {
    throw refuse(`it can't be read (${(error as { code?: string }).code})`);
  }
  if (real === undefined) throw refuse("it is not a directory");
  return real;
}
