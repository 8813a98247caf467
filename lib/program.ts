import { existsSync } from "node:fs";
import { PortclaimError } from "./error.ts";

/**
 * Without these flags, bun reads bunfig.toml, .env and tsconfig.json in the caller's directory and runs what they
 * say: `paths` in a tsconfig.json can replace any of our files.
 */
export const ISOLATED = ["--no-env-file", "--config=/dev/null", "--tsconfig-override=/dev/null"];

const here = import.meta.dirname;
const root = here.slice(0, here.lastIndexOf("/"));
let found: string[] | undefined;

/** The command that starts portclaim. */
export function program(): string[] {
  refuseWindows();
  found ??= installed() ?? onThisBun() ?? [`${root}/npm/portclaim.bin`];
  return found;
}

function onThisBun(): string[] | undefined {
  const entry = `${root}/dist/cli.js`;
  if (process.versions["bun"] === undefined || !existsSync(entry)) return undefined;
  return [process.execPath, ...ISOLATED, entry];
}

/** The program of this platform's package. */
function installed(): string[] | undefined {
  const { createRequire } = require("node:module") as typeof import("node:module");
  const { resolve } = createRequire(`${here}/program.js`);
  for (const target of targets()) {
    try {
      return [resolve(`@portclaim/${target}/portclaim`)];
    } catch {
      // Not installed.
    }
  }
  return undefined;
}

/** The names of the packages that this machine can run. */
function targets(): string[] {
  const { platform, arch } = process;
  const name = `${platform}-${arch}`;
  if (platform !== "linux") return [name];
  const loader = arch === "x64" ? "/lib64/ld-linux-x86-64.so.2" : "/lib/ld-linux-aarch64.so.1";
  return existsSync(loader) ? [name, `${name}-musl`] : [`${name}-musl`];
}

export function refuseWindows(): void {
  if (process.platform !== "win32") return;
  const message = "portclaim runs on Linux and macOS; on Windows, run it under WSL";
  throw new PortclaimError(message, { code: "unsupported" });
}
