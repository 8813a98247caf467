import { readFileSync } from "node:fs";
import { Client } from "./client.ts";
import { fillHome, type Home } from "./home.ts";
import { median } from "./measure.ts";
import { binary } from "./programs.ts";
import { type Section, table } from "./report.ts";
import type { Stage } from "./stage.ts";

/** MCP servers that run at the same time, as with ten agents. */
const SERVERS = 10;
/** Seconds for which a waiting command is watched. */
const SECONDS = 20;

/** Bytes that only this process has in memory: proc_pid_smaps_rollup(5). */
function privateMemory(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const sizes = [...text.matchAll(/^Private_(?:Clean|Dirty):\s*(\d+) kB$/gm)];
  return sizes.reduce((sum, [, size]) => sum + Number(size) * 1024, 0);
}

/** The private memory of idle servers that all have listed their tools. */
async function servers(stage: Stage, home: Home): Promise<{ memory: number[]; tools: number }> {
  const clients = await Promise.all(
    Array.from({ length: SERVERS }, () => Client.start(stage, home)),
  );
  const answers = await Promise.all(clients.map((client) => client.request("tools/list")));
  await Bun.sleep(2000);
  const memory = clients.map(({ pid }) => privateMemory(pid));
  for (const client of clients) await client[Symbol.asyncDispose]();
  return { memory, tools: JSON.stringify(answers[0]).length };
}

/** The share of a core that `portclaim wait` uses for a server that doesn't come. */
async function waiting(stage: Stage, { env, cwd }: Home): Promise<number> {
  const asking = [binary, "wait", "--service", "web", "--timeout", `${SECONDS * 2}s`];
  Bun.spawnSync([binary, "acquire", "--service", "web", "--pid", `${stage.owners[0]}`], {
    env,
    cwd,
  });
  const child = stage.keep(Bun.spawn(asking, { env, cwd, stderr: "ignore" }));
  await Bun.sleep(2000);
  const before = cpuTime(child.pid);
  await Bun.sleep(SECONDS * 1000);
  const share = (cpuTime(child.pid) - before) / SECONDS;
  child.kill();
  await child.exited;
  return share;
}

/** Seconds that all threads of a process have run: utime and stime of proc_pid_stat(5). */
function cpuTime(pid: number): number {
  const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const [user, system] = rest.split(" ").slice(11, 13).map(Number);
  return ((user ?? 0) + (system ?? 0)) / 100;
}

/** What portclaim costs while nothing happens. */
export async function idle(stage: Stage): Promise<Section> {
  const home = fillHome(stage, "idle", 10);
  const { memory, tools } = await servers(stage, home);
  const wait = await waiting(stage, home);
  const megabytes = median(memory) / 1e6;
  const rows = [
    [
      `private memory of an idle \`mcp-serve\`, median of ${SERVERS} at once`,
      `${megabytes.toFixed(1)} MB`,
    ],
    ["the answer to `tools/list`", `${(tools / 1000).toFixed(1)} kB`],
    [`CPU of \`wait\` over ${SECONDS} s`, `${(wait * 100).toFixed(1)} % of a core`],
  ];
  return {
    title: "While nothing happens",
    lines: table(["", ""], rows),
    budgets: [
      { what: "MB of private memory of an idle mcp-serve", most: 8, measured: megabytes },
      { what: "% of a core that `wait` uses", most: 1, measured: wait * 100 },
    ],
  };
}
