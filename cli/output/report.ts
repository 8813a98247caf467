import { SystemError } from "../../native/errno.ts";
import { files } from "../../native/files.ts";
import { RegistryError, type Reason } from "../../registry/model/errors.ts";
import { detectSandbox } from "../../registry/owner/agent.ts";
import { SilentError, UsageError } from "../command.ts";
import { EXIT } from "../exit.ts";
import { printable } from "./table.ts";

const EXIT_OF: Partial<Record<Reason["code"], number>> = {
  invalid: EXIT.misuse,
  ambiguous: EXIT.misuse,
  "no-owner": EXIT.misuse,
  taken: EXIT.noPort,
  "no-port": EXIT.noPort,
  "not-found": EXIT.notFound,
  locked: EXIT.locked,
};

/** An error as people and programs are told of it. */
interface Report {
  exit: number;
  code: string;
  message: string;
  hint?: string;
  /** Nothing to say: stdout's reader has gone, or the command has said it. */
  silent?: boolean;
}

type Environment = Record<string, string | undefined>;

/** What an error means to the caller. A bug of ours keeps its stack. */
function reportOf(error: unknown, env: Environment): Report {
  if (error instanceof UsageError) {
    return { exit: EXIT.misuse, code: "usage", message: error.message, ...withHint(error.hint) };
  }
  if (error instanceof SilentError) {
    return { exit: EXIT.failed, code: "failed", message: "", silent: true };
  }
  if (error instanceof RegistryError) {
    const { reason, message } = error;
    const exit = EXIT_OF[reason.code] ?? EXIT.failed;
    return { exit, code: reason.code, message, ...withHint(hintFor(reason)) };
  }
  if (error instanceof SystemError) return systemReport(error, env);
  const { code, message, stack, syscall } = error as Error & { code?: string; syscall?: string };
  if (code !== undefined && syscall !== undefined) {
    return systemReport(new SystemError(code, syscall), env);
  }
  if (code === "E_FFI") {
    const hint = "allow it (systemd: MemoryDenyWriteExecute=no); list and find work without";
    const what = `Cannot change claims: this process may not compile calls to libc (${message})`;
    return { exit: EXIT.failed, code, message: what, hint };
  }
  return {
    exit: EXIT.failed,
    code: "bug",
    message: stack ?? String(error),
    hint: "please report this",
  };
}

const withHint = (hint: string | undefined) => (hint === undefined ? {} : { hint });

function hintFor(reason: Reason): string | undefined {
  switch (reason.code) {
    case "taken":
      return "leave --exact out to get another port, or see: portclaim list";
    case "no-port":
      return "see who has them with portclaim list, free idle ones with portclaim reap, or widen [pool] range";
    case "not-found":
      return reason.choices?.length
        ? `there is: ${reason.choices.join(", ")}`
        : "see: portclaim list";
    case "ambiguous":
      return `say which: --project ${reason.choices[0]}`;
    case "not-yours":
      return "leave it to its owner, or add --force if you must";
    case "unreadable-claim":
      return "look at it; portclaim doctor puts it aside once nothing listens on its port";
    case "locked":
      return "try again, or wait longer with PORTCLAIM_LOCK_TIMEOUT=30s";
    case "no-owner":
      return "say which process the claim belongs to: --pid PID";
    case "config":
      return `mend ${reason.path}, or write a new one with: portclaim init --force`;
    case "unsafe-home":
      return `make it yours alone (chmod 700 ${reason.path}), or set PORTCLAIM_HOME to another folder`;
    case "network-home":
      return "set PORTCLAIM_HOME to a local folder, or PORTCLAIM_ALLOW_NETWORK_HOME=1 if its locks can be trusted";
    case "no-home":
      return "set PORTCLAIM_HOME to an absolute path";
    case "exists":
      return "add --force to replace it";
    case "timeout":
      return "wait longer with --timeout, or see: portclaim list";
    case "not-covered":
      return `see: portclaim who ${reason.port}; to end it all the same, add --force`;
    case "ancestor":
      return "stop it from another terminal, by its own means";
    case "survived":
      return `see: portclaim who ${reason.port}`;
    default:
      return undefined;
  }
}

const WORDS: Record<string, string> = {
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "permission is denied",
  EPERM: "it is not permitted",
  EMFILE: "this process has too many open files",
  ENFILE: "the system has too many open files",
  ENOLCK: "the file system can't lock",
  ENOSYS: "the system can't do that",
  ENOTSUP: "it is not a regular file",
  ELOOP: "it is a symbolic link",
  EIO: "the device failed",
  ENOEXEC: "it is not a program",
  ENOENT: "it isn't there",
  ESRCH: "there is no such process",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of the path is not a directory",
};

const FORBIDDEN = new Set(["EPERM", "EACCES", "EROFS"]);

function systemReport(error: SystemError, env: Environment): Report {
  const { code, call, path } = error;
  if (code === "EPIPE") return { exit: EXIT.failed, code, message: error.message, silent: true };
  if (call === "run") {
    const exit = code === "ENOENT" ? EXIT.noCommand : EXIT.cannotRun;
    const why = code === "ENOENT" ? "there is no such command" : (WORDS[code] ?? code);
    return { exit, code, message: `Cannot run ${path}: ${why}` };
  }
  const sandbox = FORBIDDEN.has(code) ? detectSandbox(env) : undefined;
  const what = path === undefined ? call : `${call} ${path}`;
  const inside = sandbox ? ` inside ${sandbox}` : "";
  const place = FORBIDDEN.has(code) && path !== undefined ? placeOf(path) : "";
  const message = `Cannot ${what}: ${WORDS[code] ?? code}${inside}${place}`;
  if (sandbox === undefined) return { exit: EXIT.failed, code, message };
  const hint = "ask through the MCP server, which runs outside of it: portclaim mcp-serve";
  return { exit: EXIT.failed, code, message, hint };
}

/** Whose a path is that was refused, or the folder nearest to it that can be seen. */
function placeOf(path: string): string {
  for (let at = path; at.startsWith("/"); at = at.slice(0, at.lastIndexOf("/"))) {
    try {
      const { uid, mode } = files().stat(at);
      const rights = mode.toString(8).padStart(4, "0");
      return ` (${at} belongs to user ${uid}, mode ${rights})`;
    } catch {
      // Not to be seen: its folder may be.
    }
  }
  return "";
}

/** The report as stderr gets it. */
function formatReport({ code, message, hint }: Report, json: boolean): string {
  if (json) return `${JSON.stringify({ error: { code, message, ...withHint(hint) } })}\n`;
  const text = code === "bug" ? message : printable(message);
  return `portclaim: ${text}\n${hint === undefined ? "" : `  ${printable(hint)}\n`}`;
}

/** What an error ends the program with; `tell` gets what is to be said of it. */
export function report(
  error: unknown,
  env: Environment,
  json: boolean,
  tell: (text: string) => void,
): number {
  const made = reportOf(error, env);
  if (!made.silent) tell(formatReport(made, json));
  return made.exit;
}
