import { copyFileSync, existsSync, readFileSync, symlinkSync } from "node:fs";
import { basename } from "node:path";
import { installPackage } from "../../npm-package.ts";
import { findProgram } from "../../programs.ts";
import { ShellSandbox } from "../../shell-sandbox.ts";
import { makePlaces, type Place } from "./place.ts";

const PORTS = 300;

/** A shell says which signal ended a command, and ends itself by SIGPIPE once its agent has gone. */
export const SUPERVISE = '#!/bin/sh\nexec 2> /dev/null\nwhile :; do "$@"; done\n';

/** What a server says of itself once it listens. */
export interface Up {
  pid: number;
  parent: number;
  port: number;
  /** The port that was claimed for it. */
  claimed: number;
}

/** One home with checkouts, agents' programs, servers to start, and every way in. */
export class Town extends ShellSandbox {
  places: Place[] = [];
  /** The commands of the program and of the npm package. */
  readonly programs = { cli: "portclaim", npm: this.path("node_modules/.bin/portclaim") };
  #servers = 0;

  static async build(): Promise<Town> {
    const town = new Town(
      {
        PORTCLAIM_GUARD_TIMEOUT: "1m",
        PORTCLAIM_LOCK_TIMEOUT: "1m",
        PORTCLAIM_HISTORY_SIZE: String(2 ** 50),
      },
      PORTS,
    );
    try {
      // No claim becomes idle meanwhile.
      town.write("registry/config.toml", `${town.config}\n[reap]\ngrace = "1d"\n`);
      await installPackage(town.path("."));
      for (const name of ["serve.mjs", "server.mjs", "library.mjs"]) {
        copyFileSync(`${import.meta.dir}/${name}`, town.path(name));
      }
      town.write("supervise", SUPERVISE);
      town.places = await makePlaces(town);
      return town;
    } catch (error) {
      await town[Symbol.asyncDispose]();
      throw error;
    }
  }

  get config(): string {
    return `[pool]\nrange = "${this.ports.range}"\n`;
  }

  get node(): string {
    return findProgram("node") ?? "node";
  }

  /** An agent's program: what it is named for is how it is recognised. */
  agentProgram(name: string): string {
    const path = this.path(`bin/${name}`);
    if (!existsSync(path)) symlinkSync(process.execPath, path);
    return path;
  }

  /** A name for a server that `pkill -f` finds in no other process's arguments. */
  nextServerId(): string {
    return `${basename(this.env["HOME"] ?? "")}-${String(this.#servers++).padStart(6, "0")}`;
  }

  /** What a server said; `undefined` while it doesn't listen. */
  upOf(id: string): Up | undefined {
    const path = this.path(`up/${id}`);
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Up) : undefined;
  }
}
