import type { Script } from "./invocation.ts";
import { diskReader, type Reader } from "./reader.ts";
import { unwrap } from "./unwrap.ts";

/** The package script that a command runs, if that runs itself again and so never starts a server. */
export function findCircle(
  argv: readonly string[],
  cwd: string,
  reader: Reader = diskReader,
): Script | undefined {
  const call = { words: argv, cwd, variables: new Map(), separators: [], scripts: [] };
  return unwrap(call, reader)?.circle;
}
