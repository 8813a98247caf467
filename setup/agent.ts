import type { Format } from "./format.ts";
import type { Place } from "./place.ts";

/** An agent that can start the server, and where that is configured. */
export interface Agent {
  title: string;
  format: Format | ((path: string) => Format);
  /** Its files for one user. The server goes into each of them. */
  user(place: Place): string[];
  /** Its file for a project, if it has one: the first that exists, else the first. */
  project?: string[];
  /** Paths that exist once it has been used. Default: the directories of its files. */
  used?(place: Place): string[];
  /** Programs that start it. */
  programs: string[];
  /** Where it looks for skills, for one user and in a project. */
  skills?: { user(place: Place): string; project: string };
  /** How to make it reload the file, if not by a restart. */
  afterwards?: string;
}
