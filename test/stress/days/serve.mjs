import { renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";

/** Listens, and says so by a file named for the server. */
export function serve(name, wanted, claimed) {
  const { HOME } = process.env;
  const server = createServer((socket) => socket.on("error", () => {}).resume());
  server.on("error", ({ code }) => {
    console.error(code);
    process.exit(1);
  });
  server.listen(Number(wanted), "127.0.0.1", () => {
    const up = { pid: process.pid, parent: process.ppid, port: server.address().port, claimed };
    writeFileSync(`${HOME}/up/.${name}`, JSON.stringify(up));
    // The file is whole once it is there.
    renameSync(`${HOME}/up/.${name}`, `${HOME}/up/${name}`);
  });
}
