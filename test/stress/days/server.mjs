// A server for agents to start: server.mjs ID PORT [daemon]. As a daemon, it starts the server outside of its session
// and directory, and exits: at once, or as "ready" once that listens.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { serve } from "./serve.mjs";

const [program, script, id, port, kind] = process.argv;

if (kind !== undefined) {
  const options = { cwd: "/", detached: true, stdio: "ignore" };
  spawn(program, [script, id, port], options).unref();
  const isUp = () => kind !== "ready" || existsSync(`${process.env.HOME}/up/${id}`);
  while (!isUp()) await new Promise((done) => setTimeout(done, 2));
} else serve(id, port, Number(process.env.PORT));
