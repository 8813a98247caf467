import type { Format } from "./format.ts";
import type { AgentName } from "./names.ts";

/** Where an agent's files are looked for. */
export interface Place {
  home: string;
  env: Record<string, string | undefined>;
  platform: NodeJS.Platform;
}

/** A file that an agent reads its servers from. */
export interface Target {
  path: string;
  format: Format;
}

/** An agent that can start the server, and how it is told to. */
export interface Agent {
  name: AgentName;
  title: string;
  /** Its files for one user: the server goes into each of them. */
  user(place: Place): Target[];
  /** Its file for one project; nothing if it has none. */
  project?(directory: string): Target;
  /** Folders that are there once it was used. */
  folders(place: Place): string[];
  /** Programs that start it. */
  programs: string[];
  /** It is started from a desktop, which may not have the PATH of a terminal. */
  isDesktop: boolean;
  /** What makes it read its file again. */
  afterwards: string;
}
