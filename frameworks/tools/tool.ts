/**
 * How a development server is told its port. Each row was tried with the real program unless it says
 * otherwise; `bun run e2e frameworks` tries them again.
 */
export interface Tool {
  /** What to call it; its program's name, unless `programs` says otherwise. */
  name: string;
  /** Names of its program; for Python also of its module. */
  programs?: string[];
  /** npm packages that are not named like the program. */
  packages?: string[];
  /** Subcommands that start the server, "" for none. Without this, every call starts it. */
  serves?: string[];
  /** Subcommands that don't: needed where a server starts without a subcommand as well. */
  idle?: string[];
  /** A flag without which nothing is served. */
  needs?: string;
  /** Flags whose value may stand before the subcommand or the position of the port. */
  valued?: string[];
  /** The port it takes when it isn't told any. */
  usual?: number;
  /** Whether it reads PORT. */
  readsPort?: true;
  /** Other variables that it reads; all are set. */
  variables?: string[];
  /** What to append so that it listens on the port, and fails instead of taking another one. */
  add?: string;
  /** A configuration file beside which `add` is not needed. */
  unless?: string;
  /** Spellings of a port: `--port` also stands for `--port=N`, `-p` for `-pN`, `--port=` for that alone. */
  given: string[];
  /** The port is a word of its own, without a flag. */
  position?: true;
  /** What to append where a port is given already: the last one wins. Absent: it would break. */
  again?: string;
  /** PORT beats the flag. */
  portWins?: true;
  /** Nothing keeps it from taking another port when its own is taken. */
  moves?: true;
  /** Refuses to run twice in one directory, whatever the ports. */
  onePerDirectory?: true;
}

export const PORT = ["--port"];
export const PORT_OR_P = ["--port", "-p"];
export const PORT_FLAG = "--port {port}";
