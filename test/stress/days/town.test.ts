import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { until, World } from "../../harness.ts";
import { hasEnded, kill } from "../../processes.ts";
import { SUPERVISE } from "./town.ts";

test("a supervisor whose agent has gone starts a server again that was killed", async () => {
  await using world = new World();
  const supervise = world.write("supervise", SUPERVISE);
  const pids = world.path("pids");
  const server = ["sh", "-c", `echo $$ >> ${pids}; exec sleep 1000`];
  const supervisor = world.spawn([supervise, ...server]);
  const started = (count: number) =>
    until(`${count} servers have started, or the supervisor has ended`, () => {
      const lines = existsSync(pids) ? readFileSync(pids, "utf8").split("\n").slice(0, -1) : [];
      return lines.length >= count || hasEnded(supervisor.pid) ? lines.map(Number) : undefined;
    });
  const [first] = await started(1);
  await supervisor.stderr.cancel();
  kill(first as number);
  const all = await started(2);
  expect([all.length, hasEnded(supervisor.pid)]).toEqual([2, false]);
  for (const pid of [supervisor.pid, ...all]) kill(pid);
});
