// A server on the port that it is given, which says so on stdout. With a second argument, a process that
// starts one outside of its group and directory, and exits once that listens.

const [port, daemon] = process.argv.slice(2);

if (daemon === undefined) {
  const server = Bun.listen({ hostname: "127.0.0.1", port: Number(port), socket: { data() {} } });
  process.stdout.write(`${process.pid} ${server.port}\n`);
} else {
  const child = Bun.spawn([process.execPath, import.meta.path, String(port)], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  for await (const said of child.stdout) {
    process.stdout.write(said);
    process.exit();
  }
}
