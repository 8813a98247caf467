import type { Listener } from "./types.ts";

/** Reads `lsof -nP -iTCP -sTCP:LISTEN -FpuPn`: a line each for process, user and socket. */
export function parseLsof(text: string): Listener[] {
  const found: Listener[] = [];
  let pid = 0;
  let uid = -1;
  for (const line of text.split("\n")) {
    const value = line.slice(1);
    if (line.startsWith("p")) pid = Number(value);
    else if (line.startsWith("u")) uid = Number(value);
    else if (line.startsWith("n")) {
      const at = value.lastIndexOf(":");
      const port = Number(value.slice(at + 1));
      const address = value.slice(0, at).replace(/^\[|\]$/g, "");
      // lsof writes both wildcards as `*`; "::" stands for every address.
      if (port > 0)
        found.push({ port, address: address === "*" ? "::" : address, uid, inode: 0, pid });
    }
  }
  return found;
}

/** Every listening TCP socket that lsof(8) may see on macOS, with its process. */
export function listListeners(): Listener[] {
  const command = ["lsof", "-nP", "-iTCP", "-sTCP:LISTEN", "-Fpun"];
  const { stdout } = Bun.spawnSync(command, { stdin: "ignore", stderr: "ignore" });
  return parseLsof(stdout.toString());
}
