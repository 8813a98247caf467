import { script, until, type World } from "./harness.ts";

/**
 * Starts a process that listens on a port and belongs to no claim of this test: a daemon in another directory. It
 * exits with the world. Returns its pid.
 */
export async function startForeign(world: World, port: number): Promise<number> {
  const pidFile = world.path(`foreign-${port}`);
  const [program = "", ...args] = script(`
    Bun.listen({ hostname: "127.0.0.1", port: ${port}, socket: { data() {} } });
    await Bun.write(${JSON.stringify(pidFile)}, String(process.pid));
    const { existsSync } = require("node:fs");
    setInterval(() => existsSync(${JSON.stringify(world.cwd)}) || process.exit(), 100);
  `);
  const daemon = 'cd / && setsid "$@" > /dev/null 2>&1 < /dev/null &';
  await world.exec(["sh", "-c", daemon, "sh", program, ...args]);
  const pid = await until("the daemon listens", async () => {
    const file = Bun.file(pidFile);
    return (await file.exists()) && (await file.text());
  });
  return Number(pid);
}
