import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { until } from "./harness.ts";
import type { Scene } from "./shell-sandbox.ts";

/** Starts a server, in a shell: `${SERVE} $PORT`, or `${SERVE} $PORT FILE`: once there is FILE. */
export const SERVE = "node ~/server.js";

// It says that it listens by a file named for its pid, which is whole once it is there.
const SCRIPT = `
const fs = require("node:fs");
const [port, gate] = [Number(process.argv[2]), process.argv[3]];
function serve() {
  if (gate && !fs.existsSync(gate)) return setTimeout(serve, 10);
  require("node:net").createServer().listen(port, "127.0.0.1", () => {
    const path = process.env.HOME + "/up/" + process.pid;
    fs.writeFileSync(path + ".new", String(port));
    fs.renameSync(path + ".new", path);
  });
}
serve();
`;

export function writeServer(scene: Scene): void {
  scene.write("server.js", SCRIPT);
  scene.write("up/.keep", "");
}

/** The next server that listens and that nobody has asked for yet. */
export async function serverOf(scene: Scene): Promise<{ pid: number; port: number }> {
  return await until("a server listens", () => {
    const pid = readdirSync(scene.path("up"))
      .map(Number)
      .find((name) => name > 0);
    if (pid === undefined) return undefined;
    const path = scene.path(`up/${pid}`);
    const port = existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
    rmSync(path);
    return { pid, port };
  });
}
