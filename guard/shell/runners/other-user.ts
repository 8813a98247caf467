import { type Field, nameOf, text, textOf, textsOf } from "../model/field.ts";
import type { Shell } from "../model/shell.ts";

/** Whether a command runs as another user, who may not end the processes of this one. */
export function runsAsOtherUser(argv: readonly Field[], shell: Pick<Shell, "variable">): boolean {
  const user = userOf(argv);
  return user !== undefined && isOtherUser(textOf(user) ?? "", shell);
}

export const isOtherUser = (user: string, shell: Pick<Shell, "variable">): boolean =>
  !["root", ...textsOf(shell.variable("USER") ?? [])].includes(user);

/** The user, other than root, that a command is run as: `sudo -u postgres`. */
function userOf(argv: readonly Field[]): Field | undefined {
  const name = nameOf(argv[0]);
  if (name === "gosu") return argv[1];
  if (!["sudo", "doas", "runuser"].includes(name)) return undefined;
  const at = argv.findIndex(
    (arg) => arg.kind === "text" && /^(-\w*u|--user(=.*)?)$/.test(arg.text),
  );
  const [word = ""] = textsOf(argv.slice(at, at + 1));
  if (at < 0) return undefined;
  return word.includes("=") ? text(word.slice(word.indexOf("=") + 1)) : argv[at + 1];
}
