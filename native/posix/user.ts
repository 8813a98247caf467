import { isDarwin } from "../system.ts";
import { hasLibc, coldLibc, stringField } from "./libc.ts";

// Where `pw_dir` lies in struct passwd: pwd.h of Linux (both libcs) and of macOS.
const HOME_FIELD = isDarwin ? 48 : 32;

/** A user's home directory by getpwuid(3), whatever $HOME says; `undefined` if the system has none. */
export function homeOfUser(uid: number): string | undefined {
  return hasLibc() ? stringField(coldLibc().getpwuid(uid), HOME_FIELD) : undefined;
}
