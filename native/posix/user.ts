import { isDarwin } from "../system.ts";
import { hasLibc, coldLibc, stringField } from "./libc.ts";

// The offset of `pw_dir` in struct passwd: pwd.h of macOS, and of glibc and musl.
const HOME_FIELD = isDarwin ? 48 : 32;

/** A user's home directory by getpwuid(3), whatever $HOME says; `undefined` if the system has none. */
export function homeOfUser(uid: number): string | undefined {
  return hasLibc() ? stringField(coldLibc().getpwuid(uid), HOME_FIELD) : undefined;
}
