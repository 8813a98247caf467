import { errnoMessage, SystemError } from "../../native/errno.ts";
import type { Machine } from "../../native/machine.ts";
import { RegistryError } from "../errors/errors.ts";
import type { Checkout } from "./checkout.ts";
import type { ProjectFile } from "./project.ts";

/** Bytes. */
export const MAX_PROJECT_FILE = 64 * 1024;

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;

/**
 * Reads the portclaim.toml at a checkout's root; `undefined` if there is none. Never looks above the
 * root. Throws a RegistryError ("project-file") that names the file, the line and the key.
 */
export async function loadProjectFile(
  machine: Machine,
  checkout: Checkout | undefined,
): Promise<ProjectFile | undefined> {
  if (checkout === undefined) return undefined;
  const path = `${checkout.root}/portclaim.toml`;
  const text = read(machine, path);
  if (text === undefined) return undefined;
  const problem =
    text.length > MAX_PROJECT_FILE ? "larger than 64 KiB" : distrust(machine, checkout.root, path);
  if (problem !== undefined) {
    throw new RegistryError(`${path} is ${problem}`, { code: "project-file", path });
  }
  // startup: most checkouts have no such file, so the parser is loaded only now.
  const { parseProjectFile } = await import("./parse-project-file.ts");
  return parseProjectFile(text, path, checkout);
}

/** The same for commands that don't need the file: a problem with it is only a warning. */
export async function tryLoadProjectFile(
  machine: Machine,
  checkout: Checkout | undefined,
): Promise<{ file?: ProjectFile; warning?: string }> {
  try {
    const file = await loadProjectFile(machine, checkout);
    return file ? { file } : {};
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { warning: error.message };
  }
}

function read(machine: Machine, path: string): string | undefined {
  try {
    return machine.files.readIfThere(path, MAX_PROJECT_FILE + 1);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const what = error.code === "ELOOP" ? "it is a symbolic link" : errnoMessage(error.code);
    throw new RegistryError(`cannot read ${path}: ${what}`, { code: "project-file", path });
  }
}

/** Why the file isn't trusted to name commands: users other than this one and root could write to it. */
function distrust(machine: Machine, root: string, path: string): string | undefined {
  const { kind, uid, gid, mode } = machine.files.stat(path);
  if (kind !== "file") return "not a file";
  if (uid !== machine.uid && uid !== 0) {
    const isRootsOwner = machine.uid === 0 && uid === machine.files.stat(`${root}/.`).uid;
    if (!isRootsOwner) return `owned by user ${uid}, not ${machine.uid}`;
  }
  if ((mode & WRITABLE_BY_ALL) !== 0) return "writable by everyone";
  if ((mode & WRITABLE_BY_GROUP) !== 0 && gid !== machine.gid) {
    return `writable by group ${gid}, which is not yours`;
  }
  return undefined;
}
