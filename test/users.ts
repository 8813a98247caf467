import { cpSync, rmSync } from "node:fs";
import { BINARY, type Result } from "./harness.ts";
import { AS_NOBODY, isRoot, NOBODY } from "./privileged.ts";
import { Stage } from "./stage.ts";

/** The users that a test can play: this one, and as root another one too. */
export const USERS = isRoot ? (["root", "nobody"] as const) : (["me"] as const);
export type User = (typeof USERS)[number];

/** A stage on which all that is called, but for this test process, is another user's. */
export class UserStage extends Stage {
  constructor(readonly user: User) {
    super();
    if (user !== "nobody") return;
    // Where the project lies, another user may not be able to read.
    rmSync(this.path("bin/portclaim"));
    cpSync(BINARY, this.path("bin/portclaim"));
    this.env["PATH"] = `${this.path("bin")}:/usr/local/bin:/usr/bin:/bin`;
    Bun.spawnSync(["chown", "-R", `${NOBODY}:${NOBODY}`, this.path(".")]);
    Bun.spawnSync(["chmod", "755", this.path(".")]);
  }

  /** A command line as this user gives it. */
  as(command: string[]): string[] {
    if (this.user !== "nobody") return command;
    return [...AS_NOBODY, ...command];
  }

  override portclaim(...args: string[]): Promise<Result> {
    return this.exec(this.as([this.path("bin/portclaim"), ...args]));
  }
}
