import type { ErrorCode, Reason } from "./errors.ts";

/** How to resolve an error, for a person in a terminal and for a model that calls the MCP tools. */
export interface Hints {
  /** The command to run or what to change. Missing if the message is enough. */
  terminal?: string;
  model: string;
}

type Of<Code extends ErrorCode> = Extract<Reason, { code: Code }>;

const ANOTHER_PORT = "call portclaim_acquire without exact to get another port";
const LIST = "Call portclaim_list to see what is claimed.";

/** Hints for invalid values, by option or field. Only for those that need more than the message. */
const INVALID: Record<string, Hints> = {
  service: {
    terminal: "for example: portclaim acquire web",
    model: "Call again with service.",
  },
  exact: {
    terminal: "add --prefer PORT, or set a port for the service in config.toml",
    model: "Call again with prefer.",
  },
  cwd: { model: "Call again with cwd set to the absolute path of your project's directory." },
  environment: { model: "Tell the user to correct it in this server's configuration." },
};

function which(what: string, sameDirectory = false): string {
  if (what === "") return "name one of them";
  if (sameDirectory) return "name the port of the one that you mean";
  return "add --project, or run it in the directory of the one that you mean";
}

/** One entry per code: a code without an entry doesn't compile. */
const hints = (): { [Code in ErrorCode]: (reason: Of<Code>) => Hints } => ({
  invalid: ({ what }) => INVALID[what] ?? { model: "Correct the argument and call again." },
  "port-taken": () => ({
    terminal: "leave out --exact to get another port, or run: portclaim list",
    model: `Leave that port alone and ${ANOTHER_PORT}; if you only want to reach what runs there, connect to it.`,
  }),
  "range-exhausted": () => ({
    terminal:
      "run portclaim list to see what uses them, portclaim reap to free idle ones, or widen [pool] range in config.toml",
    model:
      "Call portclaim_list to see what uses them and portclaim_reap to free idle ones. If that frees none, tell the user that [pool] range in config.toml is used up.",
  }),
  "not-found": ({ choices = [] }) => ({
    terminal:
      choices.length > 0 ? `claimed services: ${choices.join(", ")}` : "run: portclaim list",
    model:
      choices.length > 0
        ? `Claimed services: ${choices.join(", ")}. To start a new one, call portclaim_acquire.`
        : `${LIST} To start something new, call portclaim_acquire.`,
  }),
  "not-running": ({ port }) => ({
    terminal: `to see what uses the port: portclaim who ${port}`,
    model: LIST,
  }),
  ambiguous: ({ what, sameDirectory }) => ({
    terminal: which(what, sameDirectory),
    model: "Call again with port, or with the project or the cwd of the one you mean.",
  }),
  "not-owner": ({ port }) => ({
    terminal: "leave it to its owner, or add --force if you are sure",
    model: `Leave it to its owner and ${ANOTHER_PORT}. If its owner has exited, portclaim_reap frees it. Only the user may force it, in a terminal: portclaim release ${port} --force`,
  }),
  "claimed-anew": ({ port }) => ({ terminal: `run: portclaim who ${port}`, model: LIST }),
  "unreadable-claim": () => ({
    terminal: "run portclaim doctor, which moves the file aside once nothing listens on its port",
    model:
      "Use another port, and tell the user: portclaim doctor, in a terminal, moves such files aside.",
  }),
  locked: () => ({
    terminal: "try again, or wait longer: PORTCLAIM_LOCK_TIMEOUT=30s",
    model: "Another process is changing the registry. Call again in a few seconds.",
  }),
  "no-owner": () => ({
    terminal: "name the process that the claim belongs to: --pid PID",
    model: "The program that started this server has exited. Tell the user to restart it.",
  }),
  config: ({ path }) => ({
    terminal: `fix ${path}, or write a new one: portclaim init --force`,
    model: `Tell the user to fix ${path}; no port can be claimed until then.`,
  }),
  "project-file": ({ path }) => ({
    terminal: `fix ${path}; its rules are in docs/project-file.md`,
    model: "Tell the user to fix the portclaim.toml of this checkout.",
  }),
  "no-project": () => ({
    terminal: "to write one: portclaim init --project",
    model: "This checkout has no portclaim.toml; claim ports with portclaim_acquire.",
  }),
  "unsafe-home": ({ path }) => ({
    terminal: `run chmod 700 ${path}, or set PORTCLAIM_HOME to a directory of your own`,
    model: `Tell the user: ${path} must be theirs alone (chmod 700).`,
  }),
  "network-home": () => ({
    terminal:
      "set PORTCLAIM_HOME to a local directory, or PORTCLAIM_ALLOW_NETWORK_HOME=1 if its locks are reliable",
    model:
      "Tell the user to set PORTCLAIM_HOME to a local directory in this server's configuration.",
  }),
  "no-home": () => ({
    terminal: "set PORTCLAIM_HOME to an absolute path",
    model:
      "Tell the user to set PORTCLAIM_HOME to an absolute path in this server's configuration.",
  }),
  exists: () => ({ terminal: "add --force to replace it", model: LIST }),
  timeout: () => ({ terminal: "wait longer with --timeout, or run: portclaim list", model: LIST }),
  "not-covered": ({ port, isHidden }) => ({
    terminal: isHidden
      ? `only its user or root can stop it; to see whose it is: portclaim who ${port}`
      : `run portclaim who ${port} to see what it is, or add --force to stop it anyway`,
    model: LIST,
  }),
  ancestor: ({ port, engine }) => {
    if (engine === undefined) return { terminal: "stop it from another terminal", model: LIST };
    const find = `${engine} ps --filter publish=${port}`;
    const text = `stop its container: ${find} names it, then: ${engine} stop NAME`;
    return { terminal: text, model: `If it is yours, ${text}` };
  },
  "still-running": ({ port }) => ({ terminal: `run: portclaim who ${port}`, model: LIST }),
});

export function hintsFor<Code extends ErrorCode>(reason: Of<Code>): Hints {
  return hints()[reason.code as Code](reason);
}
