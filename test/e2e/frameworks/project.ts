/** A small project of one tool, and the commands that start its server. */
export interface Project {
  name: string;
  /** Packages of npm, with what versions of them. */
  npm?: Record<string, string>;
  /** A command that makes the project. */
  create?: string[];
  scripts?: Record<string, string>;
  files?: Record<string, string>;
  /** Commands that make it ready to run. */
  setup?: string[][];
  /** The package of npm whose version is told. */
  package?: string;
  /** The program, if it is Debian's; without it the project is skipped. */
  program?: string;
  /** How to ask that for its version. */
  version?: string[];
  /** Commands that start the server, by themselves or through a script. */
  commands: string[];
  /** A command that names 20999 as its port; the server is to listen on another one all the same. */
  named?: string;
  /** A user to run as: 65534 for those that refuse to be root's. */
  user?: number;
  env?: Record<string, string>;
}

export const NAMED = 20_999;

/** A script through each package manager. */
export const through = (script: string): string[] => [
  `npm run ${script}`,
  `pnpm ${script}`,
  `yarn ${script}`,
  `bun run ${script}`,
];
