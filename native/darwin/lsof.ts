import type { Listener } from "../types.ts";
import { cached, run } from "./run.ts";

/** The listening TCP sockets and the working directories of processes, from one lsof(8). */
interface OpenFiles {
  listeners: Listener[];
  directories: Map<number, string>;
}

/** Reads `lsof -d cwd -iTCP -sTCP:LISTEN -Fpufn`: one line each for process, user, descriptor and name. */
export function parseLsof(text: string): OpenFiles {
  const listeners: Listener[] = [];
  const directories = new Map<number, string>();
  let pid = 0;
  let uid = -1;
  let descriptor = "";
  for (const line of text.split("\n")) {
    const value = line.slice(1);
    if (line.startsWith("p")) pid = Number(value);
    else if (line.startsWith("u")) uid = Number(value);
    else if (line.startsWith("f")) descriptor = value;
    else if (line.startsWith("n") && descriptor === "cwd") directories.set(pid, unescape(value));
    else if (line.startsWith("n")) {
      const at = value.lastIndexOf(":");
      const port = Number(value.slice(at + 1));
      const address = value.slice(0, at).replace(/^\[|\]$/g, "");
      // lsof prints both wildcards as `*`; "::" covers every address.
      const on = address === "*" ? "::" : address;
      if (port > 0) listeners.push({ port, address: on, uid, inode: 0, pid });
    }
  }
  return { listeners, directories };
}

/** Decodes a path as lsof(8) prints it in the C locale: bytes beyond ASCII as \\xc5, a backslash as two. */
function unescape(name: string): string {
  if (!name.includes("\\")) return name;
  const bytes = name.replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex?: string, other?: string) =>
    hex === undefined
      ? (CONTROL[other ?? ""] ?? other ?? "")
      : String.fromCharCode(parseInt(hex, 16)),
  );
  return new TextDecoder().decode(Uint8Array.from(bytes, (one) => one.charCodeAt(0)));
}

const CONTROL: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** Runs lsof(8) once an operation. Without `-a`, it selects files that match either `-d` or `-i`. */
const openFiles = cached(() =>
  parseLsof(run(["lsof", "-w", "-nP", "-d", "cwd", "-iTCP", "-sTCP:LISTEN", "-Fpufn"]).text),
);

/** Every listening TCP socket that this user may see, with its pid. */
export const listListeners = (): Listener[] => openFiles().listeners;

export const readWorkingDirectory = (pid: number): string | undefined =>
  openFiles().directories.get(pid);
