import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Result, ROOT, World } from "../harness.ts";
import { Releases } from "./releases.ts";

/** The installer's text. */
export const SCRIPT = readFileSync(`${ROOT}/install.sh`, "utf8");

/** The archive's name for this machine. */
export const ARCHIVE = `portclaim-${process.platform}-${process.arch}.tar.gz`;

/** A world in which the installer is piped into a shell, and a server with the releases. */
export class Installing extends World {
  readonly releases = new Releases();
  readonly folder = this.path(".local/bin");
  readonly temporary = this.path("tmp");

  constructor() {
    super();
    this.env["PORTCLAIM_DOWNLOADS"] = this.releases.url;
  }

  install(
    args: string[] = [],
    { shell = ["sh"], env = {} }: { shell?: string[]; env?: Record<string, string> } = {},
  ): Promise<Result> {
    return this.exec([...shell, "-s", "--", ...args], { input: SCRIPT, env });
  }

  /** The names in the directory for programs; none if it doesn't exist. */
  get installed(): string[] {
    return this.#list(this.folder);
  }

  /** The names in the directory for temporary files. */
  get left(): string[] {
    return this.#list(this.temporary);
  }

  #list(folder: string): string[] {
    return statSync(folder, { throwIfNoEntry: false }) ? readdirSync(folder) : [];
  }

  /** The version that the installed program prints. */
  async version(): Promise<string> {
    return (await this.exec([join(this.folder, "portclaim"), "--version"])).out.trim();
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.releases[Symbol.dispose]();
    await super[Symbol.asyncDispose]();
  }
}
