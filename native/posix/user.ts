import { hasLibc, coldLibc, stringField } from "./libc.ts";

// The offset of `pw_dir` in struct passwd: pwd.h of glibc, musl and macOS.
const HOME_FIELD = process.platform === "darwin" ? 48 : 32;

/** A user's home directory from getpwuid(3), regardless of $HOME; `undefined` if there is none. */
export function homeOfUser(uid: number): string | undefined {
  return hasLibc() ? stringField(coldLibc().getpwuid(uid), HOME_FIELD) : undefined;
}
