// A server for agents to start: server.mjs ID PORT [now|ready]. With a third word it starts a daemon, outside of its
// session and directory, prints its pid, and exits: now, or once that is ready.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { serve } from "./serve.mjs";

const [program, script, id, port, kind] = process.argv;

if (kind !== undefined) {
  const options = { cwd: "/", detached: true, stdio: "ignore" };
  const daemon = spawn(program, [script, id, port], options);
  console.log(daemon.pid);
  daemon.unref();
  daemon.once("exit", () => process.exit());
  const isUp = () => kind !== "ready" || existsSync(`${process.env.HOME}/up/${id}`);
  while (!isUp()) await new Promise((done) => setTimeout(done, 2));
} else serve(id, port, Number(process.env.PORT));
