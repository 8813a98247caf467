/** The system's own directories: all that a test sees of the host's PATH. */
export const SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin";

/** What tests start beside the system's own programs; a host may keep it anywhere. */
const NAMES = "node npm npx python3 bash zsh fish tmux jq gcc git curl strace bwrap gpg".split(" ");

const elsewhere = NAMES.filter((name) => Bun.which(name, { PATH: SYSTEM_PATH }) === null);

/** The programs that the host has outside of the system's directories, by name. */
export const TOOLS: ReadonlyMap<string, string> = new Map(
  elsewhere.flatMap((name) => {
    const path = Bun.which(name);
    return path === null ? [] : [[name, path] as const];
  }),
);

/** Where a test finds a program; `undefined` if the host has none. */
export const findProgram = (name: string): string | undefined =>
  Bun.which(name, { PATH: SYSTEM_PATH }) ?? TOOLS.get(name);
