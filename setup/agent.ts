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
  /** Paths that exist once it was used, if not the directories of its files. */
  used?(place: Place): string[];
  /** Programs that start it. */
  programs: string[];
  /** It is started from a desktop, which may not have the PATH of a terminal. */
  isDesktop?: boolean;
  /** What makes it read the file again, if not a restart. */
  afterwards?: string;
}
