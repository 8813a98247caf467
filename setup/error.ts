/** Why an agent's file can't be changed. */
export type Obstacle =
  /** The file is invalid, or laid out in a way that can't be edited safely. */
  | "unreadable"
  /** Another program wrote to the file in the meantime. */
  | "busy"
  /** The agent has no file for a project. */
  | "no-project-file"
  /** The agent has no hook that portclaim can use. */
  | "no-hooks"
  /** The agent reads no skills. */
  | "no-skills"
  /** portclaim isn't installed in a place that an agent could name. */
  | "not-installed"
  /** The home directory belongs to another user. */
  | "not-your-home";

/** An agent can't be set up. `message` says why, lower case, without a period. */
export class SetupError extends Error {
  override name = "SetupError";
  constructor(
    readonly obstacle: Obstacle,
    message: string,
  ) {
    super(message);
  }
}
