/** A small project of one tool, and the commands that start its server. */
export interface Project {
  name: string;
  /** npm packages and their versions. */
  npm?: Record<string, string>;
  /** A command that creates the project. */
  create?: string[];
  scripts?: Record<string, string>;
  files?: Record<string, string>;
  /** Commands that make it ready to run. */
  setup?: string[][];
  /** The npm package whose version is reported. */
  package?: string;
  /** The program, if it comes from Debian; without it, the project is skipped. */
  program?: string;
  /** A command that prints the program's version. */
  version?: string[];
  /** Commands that start the server, by themselves or through a script. */
  commands: string[];
  /** A command that names 20999 as its port; the server must listen on another one all the same. */
  named?: string;
  /** A user to run as: 65534 for servers that refuse to run as root. */
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
