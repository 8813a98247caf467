import { describeFailure, errnoMessage, SystemError } from "../../native/errno.ts";
import { files } from "../../native/files.ts";
import { type ErrorCode, RegistryError } from "../../registry/errors/errors.ts";
import { hintsFor } from "../../registry/errors/hints.ts";
import { type Holder, holderOf } from "../../registry/errors/holder.ts";
import { detectSandbox } from "../../registry/owner/agent.ts";
import { CommandError, EXIT, SilentError, UsageError } from "../exit.ts";
import { commandHint } from "./command-hint.ts";
import { printable } from "./printable.ts";

const EXIT_OF: Record<ErrorCode, number> = {
  invalid: EXIT.misuse,
  "no-owner": EXIT.misuse,
  "port-taken": EXIT.noPort,
  "range-exhausted": EXIT.noPort,
  "not-found": EXIT.notFound,
  "not-running": EXIT.notFound,
  ambiguous: EXIT.notFound,
  locked: EXIT.locked,
  "not-owner": EXIT.failed,
  "claimed-anew": EXIT.failed,
  "unreadable-claim": EXIT.failed,
  config: EXIT.failed,
  "no-project": EXIT.notFound,
  "project-file": EXIT.failed,
  "unsafe-home": EXIT.failed,
  "network-home": EXIT.failed,
  "no-home": EXIT.failed,
  exists: EXIT.failed,
  timeout: EXIT.failed,
  "not-covered": EXIT.failed,
  ancestor: EXIT.failed,
  "still-running": EXIT.failed,
};

/** How an error is reported. */
interface Report {
  exit: number;
  code: string;
  message: string;
  hint?: string;
  /** What uses the port, if that is the problem. */
  holder?: Holder | undefined;
  /** Print nothing: stdout has no reader, or the command has already reported it. */
  silent?: boolean;
}

type Environment = Record<string, string | undefined>;

/** What an error means to the caller. A bug keeps its stack. */
function reportOf(error: unknown, env: Environment): Report {
  if (error instanceof UsageError) {
    return { exit: EXIT.misuse, code: "usage", message: error.message, ...withHint(error.hint) };
  }
  if (error instanceof CommandError) {
    const { exit, message, hint } = error;
    return { exit, code: "command", message, hint };
  }
  if (error instanceof SilentError) {
    return { exit: EXIT.failed, code: "failed", message: "", silent: true };
  }
  if (error instanceof RegistryError) {
    const { reason, message } = error;
    const exit = EXIT_OF[reason.code];
    const hint = withHint(hintsFor(reason).terminal);
    return { exit, code: reason.code, message, ...hint, holder: holderOf(reason) };
  }
  if (error instanceof SystemError) return systemReport(error, env);
  const { code, message, stack, syscall } = error as Error & { code?: string; syscall?: string };
  if (code !== undefined && syscall !== undefined) {
    return systemReport(new SystemError(code, syscall), env);
  }
  if (code === "E_FFI") {
    const hint =
      "allow it (systemd: MemoryDenyWriteExecute=no); list, find and who work without it";
    const what = `cannot change claims: JIT compilation, which calls to libc need, is forbidden (${message})`;
    return { exit: EXIT.failed, code, message: what, hint };
  }
  return {
    exit: EXIT.failed,
    code: "bug",
    message: stack ?? String(error),
    hint: "this is a bug in portclaim; please report it",
  };
}

const withHint = (hint: string | undefined) => (hint === undefined ? {} : { hint });

const FORBIDDEN = new Set(["EPERM", "EACCES", "EROFS"]);

function systemReport(error: SystemError, env: Environment): Report {
  const { code, call, path } = error;
  if (code === "EPIPE") return { exit: EXIT.failed, code, message: error.message, silent: true };
  if (call === "run") {
    const exit = code === "ENOENT" ? EXIT.noCommand : EXIT.cannotRun;
    const why = code === "ENOENT" ? "command not found" : errnoMessage(code);
    const hint = code === "ENOENT" ? commandHint(path ?? "") : undefined;
    return { exit, code, message: `cannot run ${path}: ${why}`, ...withHint(hint) };
  }
  const sandbox = FORBIDDEN.has(code) ? detectSandbox(env) : undefined;
  const inside = sandbox ? ` inside ${sandbox}` : "";
  const place = FORBIDDEN.has(code) && path !== undefined ? placeOf(path) : "";
  const message = `${describeFailure(call, path, code)}${inside}${place}`;
  if (sandbox === undefined) return { exit: EXIT.failed, code, message };
  const hint =
    "use portclaim's MCP tools, which work outside of the sandbox; if there are none: portclaim setup";
  return { exit: EXIT.failed, code, message, hint };
}

/** Who owns the refused path, or its nearest visible parent directory. */
function placeOf(path: string): string {
  for (let at = path; at.startsWith("/"); at = at.slice(0, at.lastIndexOf("/"))) {
    try {
      const { uid, mode } = files().stat(at);
      const rights = mode.toString(8).padStart(4, "0");
      return ` (${at} is owned by user ${uid}, mode ${rights})`;
    } catch {
      // It can't be seen; the directory above may be.
    }
  }
  return "";
}

/** The text of a report for stderr. */
function formatReport({ code, message, hint, holder }: Report, json: boolean): string {
  if (json) return `${JSON.stringify({ error: { code, message, hint, holder } })}\n`;
  const text = code === "bug" ? message : printable(message);
  return `portclaim: ${text}\n${hint === undefined ? "" : `hint: ${printable(hint)}\n`}`;
}

/** Reports an error through `tell`, and returns the exit code. */
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
