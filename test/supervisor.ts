import { utimesSync } from "node:fs";
import { join } from "node:path";
import { ROOT, until } from "./harness.ts";
import { hasEnded } from "./processes.ts";
import { quote, SERVE, type ShellSandbox } from "./shell-sandbox.ts";

const NODEMON = quote(join(ROOT, "node_modules/nodemon/bin/nodemon.js"));

/** Serves $PORT under a supervisor, which restarts the server when its file changes. */
export const SUPERVISE = `node ${NODEMON} --quiet --watch ~/server.js --exec "${SERVE} $PORT"`;

/** Changes the server, until the supervisor has ended the one that runs. */
export async function changeServer({ server }: ShellSandbox, running: number): Promise<void> {
  // A change before it watches goes unseen; many at once would be as many restarts.
  let changed = -Infinity;
  await until("the supervisor has ended the server", () => {
    if (performance.now() - changed > 1000) {
      changed = performance.now();
      utimesSync(server, new Date(), new Date());
    }
    return hasEnded(running);
  });
}
