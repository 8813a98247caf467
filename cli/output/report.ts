import { SystemError } from "../../native/errno.ts";
import { files } from "../../native/files.ts";
import { type ErrorCode, RegistryError } from "../../registry/model/errors.ts";
import { hintsFor } from "../../registry/model/hints.ts";
import { detectSandbox } from "../../registry/owner/agent.ts";
import { SilentError, UsageError } from "../command.ts";
import { EXIT } from "../exit.ts";
import { printable } from "./table.ts";

const EXIT_OF: Partial<Record<ErrorCode, number>> = {
  invalid: EXIT.misuse,
  ambiguous: EXIT.misuse,
  "no-owner": EXIT.misuse,
  "port-taken": EXIT.noPort,
  "range-exhausted": EXIT.noPort,
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
    return { exit, code: reason.code, message, ...withHint(hintsFor(reason).terminal) };
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
  return `portclaim: ${text}\n${hint === undefined ? "" : `hint: ${printable(hint)}\n`}`;
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
