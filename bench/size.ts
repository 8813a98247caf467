import { readFileSync, statSync } from "node:fs";
import { targetOf } from "../scripts/head.ts";
import { pack } from "../scripts/pack.ts";
import { packPlatform } from "../scripts/platform-package.ts";
import type { Target } from "../scripts/targets.ts";
import { bundlePage } from "../ui/server/bundle.ts";
import type { Built } from "./built.ts";
import { Client } from "./client.ts";
import { fillHome, type Home } from "./home.ts";
import { median, type Program, time } from "./measure.ts";
import { binary } from "./programs.ts";
import { type Section, table } from "./report.ts";
import type { Stage } from "./stage.ts";

const RUNS = 5;

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
const kilobytes = (bytes: number) => `${(bytes / 1e3).toFixed(1)} kB`;

/** The peak memory of a program, median of a few runs. */
function peakOf(peak: string, program: Program): number {
  const command = [peak, Bun.which(program.command[0] ?? "") ?? "", ...program.command.slice(1)];
  return median(Array.from({ length: RUNS }, () => Number(time({ ...program, command }).out)));
}

/** The peak memory of a running program: VmHWM of proc_pid_status(5). */
function peakSoFar(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

async function serverPeak(stage: Stage, home: Home): Promise<number> {
  await using client = await Client.start(stage, home);
  await client.release(await client.acquire("bench"));
  return peakSoFar(client.pid);
}

async function dashboardPeak(stage: Stage, { env, cwd }: Home): Promise<number> {
  const child = stage.keep(Bun.spawn([binary, "http", "--port", "auto"], { env, cwd }));
  try {
    // It prints its URL as soon as it serves.
    const { done } = await child.stdout.getReader().read();
    if (done) throw new Error("the dashboard exited");
    return peakSoFar(child.pid);
  } finally {
    child.kill();
    await child.exited;
  }
}

async function memory(stage: Stage, { peak }: Built, programs: readonly Program[]) {
  if (!peak) return [];
  const home = fillHome(stage, "size", 10);
  const rows = programs.map((program) => [program.name, megabytes(peakOf(peak, program))]);
  rows.push([
    "`portclaim mcp-serve` after an acquire, once",
    megabytes(await serverPeak(stage, home)),
  ]);
  rows.push([
    "`portclaim http` without an open page, once",
    megabytes(await dashboardPeak(stage, home)),
  ]);
  return [...table([`peak memory, median of ${RUNS}`, ""], rows), ""];
}

async function unpackedSize(tarball: string): Promise<number> {
  const files = await new Bun.Archive(await Bun.file(tarball).bytes()).files();
  return [...files.values()].reduce((sum, { size }) => sum + size, 0);
}

/** Memory and disk use. */
export async function sizes(
  stage: Stage,
  built: Built,
  programs: readonly Program[],
): Promise<Section> {
  const { tarball, notices } = await pack(stage.folder);
  const target = (await targetOf(binary)) as Target;
  const platform = packPlatform(stage.folder, target, binary, notices);
  const { html } = await bundlePage();
  const page = Bun.gzipSync(html).length;
  const files = [
    ["binary", megabytes(statSync(binary).size)],
    ["npm package, packed", kilobytes(statSync(tarball).size)],
    ["npm package, unpacked", kilobytes(await unpackedSize(tarball))],
    [`npm package @portclaim/${target}, packed`, megabytes(statSync(platform).size)],
    ["dashboard's page, gzip", kilobytes(page)],
  ];
  return {
    title: "Memory and size",
    lines: [...(await memory(stage, built, programs)), ...table(["file", ""], files)],
    budgets: [{ what: "kB of the dashboard's page, gzip", most: 20, measured: page / 1000 }],
  };
}
