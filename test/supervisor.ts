import { utimesSync } from "node:fs";
import { join } from "node:path";
import { ROOT, until } from "./harness.ts";
import { hasEnded, type Stage } from "./stage.ts";

const NODEMON = join(ROOT, "node_modules/nodemon/bin/nodemon.js");

/** A command line that serves $PORT under a supervisor, which restarts the server when it changes. */
export const supervised = (stage: Stage) =>
  `node ${NODEMON} --quiet --watch server.js --exec "${stage.serve} $PORT"`;

/** Changes the server, until the supervisor has ended the one that runs. */
export async function changeServer(stage: Stage, running: number): Promise<void> {
  // A change before it watches goes unseen; many at once would be as many restarts.
  let changed = -Infinity;
  const change = () => {
    if (performance.now() - changed < 1000) return;
    changed = performance.now();
    utimesSync(stage.server, new Date(), new Date());
  };
  await until(
    "the supervisor has ended the server",
    () => {
      change();
      return hasEnded(running);
    },
    30,
  );
}
