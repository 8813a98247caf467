/**
 * How to tell a development server its port. Each row was tested with the real program unless noted
 * otherwise; `bun run e2e frameworks` tests them again.
 */
export interface Tool {
  /** The display name, and the program's name if `programs` is missing. */
  name: string;
  /** Names of its program, and for Python of its module. */
  programs?: string[];
  /** npm packages whose name differs from the program's. */
  packages?: string[];
  /** Subcommands that start the server; "" for no subcommand. If missing, every call starts it. */
  serves?: string[];
  /** Subcommands that don't. Needed if the server also starts without a subcommand. */
  idle?: string[];
  /** A flag without which no server starts. */
  needs?: string;
  /** Flags whose value may precede the subcommand or the positional port. */
  valued?: string[];
  /** Its default port. */
  usual?: number;
  /** Whether it reads PORT. */
  readsPort?: true;
  /** Other variables that it reads. All of them are set. */
  variables?: string[];
  /** What to append to make it listen on the port, and fail rather than pick another one. */
  add?: string;
  /** A configuration file that makes `add` unnecessary. */
  unless?: string;
  /** Flags for the port. `--port` includes `--port=N`, `-p` includes `-pN`; `--port=` is only that form. */
  given: string[];
  /** The port is a positional argument. */
  position?: true;
  /** What to append if a port is already given: the last one wins. If missing, a second one would fail. */
  again?: string;
  /** PORT takes precedence over the flag. */
  portWins?: true;
  /** It can't be kept from picking another port if its own is in use. */
  moves?: true;
  /** Refuses to run twice in one directory, even on different ports. */
  onePerDirectory?: true;
}

export const PORT = ["--port"];
export const PORT_OR_P = ["--port", "-p"];
export const PORT_FLAG = "--port {port}";
export const STRICT_PORT = "--port {port} --strictPort";
/** Vite, and what is built on it. */
export const VITE = { given: PORT, add: STRICT_PORT, again: STRICT_PORT };
