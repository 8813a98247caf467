import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { ClaimFile } from "./judge.ts";

/** Lines of the history. */
const PAST = 12;

/** What the file of a port's claim says; `claims`: the directory. */
export function claimFile(claims: string, port: number): ClaimFile | undefined {
  try {
    return JSON.parse(readFileSync(`${claims}/${port}.json`, "utf8")) as ClaimFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export const claimFiles = (claims: string): (ClaimFile | undefined)[] =>
  readdirSync(claims).map((name) => claimFile(claims, Number.parseInt(name, 10)));

/** What the history says last of ports and of a process. */
export function pastOf(claims: string, ports: readonly number[], pid: number): string[] {
  const path = `${claims}/../history.jsonl`;
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  const names = [...ports.map((port) => `"port":${port},`), `(pid ${pid})`];
  return lines
    .filter((line) => names.some((name) => line.includes(name)))
    .slice(-PAST)
    .map((line) => `\n      ${line}`);
}
