import { unless } from "../../native/errno.ts";
import type { Machine } from "../../native/machine.ts";
import { projectName } from "../values/name.ts";

/** The checkout that contains a directory. */
export interface Checkout {
  root: string;
  /**
   * If `.git` is a file, what all checkouts of the repository share: the main checkout, or the
   * repository if that isn't inside one (bare, a submodule's, `--separate-git-dir`).
   */
  repository?: string;
  /** Whether this isn't the main checkout, so that the main checkout's preferred ports don't apply. */
  linked: boolean;
}

const WRITABLE_BY_ALL = 0o002;
const MAX_FILE = 4096;
/** Errors of reading a path in a `.git` file that names no file; node:fs reports the last one for a NUL. */
const NO_FILE = [
  "ENOENT",
  "ENOTDIR",
  "EACCES",
  "ELOOP",
  "EISDIR",
  "ENAMETOOLONG",
  "EINVAL",
  "ERR_INVALID_ARG_VALUE",
];

/**
 * The nearest directory, from `directory` upward, that contains `portclaim.toml` or `.git`. It only
 * counts if it belongs to this user or root, isn't world-writable, and isn't one of the `shared`
 * directories ($HOME, /, temporary ones).
 */
export function findCheckout(
  machine: Machine,
  directory: string,
  shared: ReadonlySet<string>,
): Checkout | undefined {
  for (let at = directory; at.startsWith("/") && at !== "/"; at = parentOf(at)) {
    if (shared.has(at)) continue;
    const git = kindOf(machine, `${at}/.git`);
    if (git === undefined && kindOf(machine, `${at}/portclaim.toml`) === undefined) continue;
    if (!isTrusted(machine, at)) continue;
    if (git !== "file") return { root: at, linked: false };
    return { root: at, ...repositoryOf(machine, at) };
  }
  return undefined;
}

const parentOf = (path: string) => path.slice(0, path.lastIndexOf("/")) || "/";

function kindOf(machine: Machine, path: string) {
  return machine.files.statIfVisible(path)?.kind;
}

function isTrusted(machine: Machine, path: string): boolean {
  const stat = machine.files.statIfVisible(`${path}/.`);
  if (stat === undefined || (stat.uid !== machine.uid && stat.uid !== 0)) return false;
  return (stat.mode & WRITABLE_BY_ALL) === 0;
}

/** Follows a `.git` file: "gitdir" and "commondir" in gitrepository-layout(5). */
function repositoryOf(machine: Machine, root: string): Pick<Checkout, "repository" | "linked"> {
  const read = (path: string) => unless(NO_FILE, () => machine.files.read(path, MAX_FILE))?.trim();
  const gitdir = read(`${root}/.git`)?.match(/^gitdir: (.+)$/)?.[1];
  if (gitdir === undefined) return { linked: false };
  const directory = resolve(root, gitdir);
  const common = read(`${directory}/commondir`);
  if (common === undefined) {
    if (read(`${directory}/HEAD`) === undefined) return { linked: false };
    // A submodule, or `--separate-git-dir`. A worktree of a superproject has submodules of its own.
    const repository = directory.replace(/\/worktrees\/[^/]+(?=\/modules\/)/, "");
    return { repository, linked: repository !== directory };
  }
  const repository = resolve(directory, common);
  const configs = [read(`${repository}/config`), read(`${repository}/config.worktree`)];
  // All checkouts of a bare repository are linked worktrees, and none is the main one.
  const linked = !configs.some((config) => /^\s*bare\s*=\s*true\s*$/m.test(config ?? ""));
  return { repository: mainCheckoutOf(repository), linked };
}

/** The checkout that a repository lies in, else the repository itself. */
const mainCheckoutOf = (repository: string) =>
  repository.endsWith("/.git") ? parentOf(repository) : repository;

/** Makes a path absolute and removes "." and "..", like realpath(3) without following symlinks. */
function resolve(from: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${from}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Where a call is made: its directory, that directory's project name, and its checkout. */
export interface Here {
  cwd: string;
  project: string;
  checkout?: Checkout | undefined;
}

/** Looks up where a call is made. `cwd` must be an absolute path. */
export function locate(
  { machine, shared }: { machine: Machine; shared: ReadonlySet<string> },
  cwd: string,
): Here {
  return { cwd, project: projectName(cwd), checkout: findCheckout(machine, cwd, shared) };
}
