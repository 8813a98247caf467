/** What portclaim costs beside an empty program, as ratios of one run: `bun run bench`. */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { fillHome, type Home } from "./home.ts";
import { median, type Series, spread, together, time } from "./measure.ts";

const root = `${import.meta.dir}/..`;
const binary = `${root}/dist/portclaim`;
const ROUNDS = Number(process.argv[2] ?? 100);
const AT_ONCE = 50;

const folder = mkdtempSync(`${tmpdir()}/portclaim-bench-`);
const sleeper = Bun.spawn(["sleep", "3600"]);

async function buildEmpty(): Promise<string> {
  const outfile = `${folder}/empty`;
  await Bun.write(`${folder}/empty.ts`, "");
  await Bun.build({
    entrypoints: [`${folder}/empty.ts`],
    target: "bun",
    format: "esm",
    minify: true,
    bytecode: true,
    compile: { outfile, autoloadDotenv: false, autoloadBunfig: false },
  });
  return outfile;
}

/** An acquire of the same free port again and again: its claim is removed between the runs. */
function acquiring(home: Home): Series["run"] {
  const pid = String(sleeper.pid);
  const command = [binary, "acquire", "--service", "bench", "--pid", pid];
  return () => {
    const run = time(command, home.env, home.path);
    rmSync(`${home.path}/claims/${run.out.trim()}.json`);
    return run;
  };
}

try {
  const empty = await buildEmpty();
  const [ten, thousand, one] = [10, 1000, 0].map((count) =>
    fillHome(`${folder}/home-${count}`, count, sleeper.pid),
  ) as [Home, Home, Home];
  const series: Series[] = [
    { name: "empty built program", run: () => time([empty], {}, folder), runs: [] },
    { name: "acquire, 10 claims", run: acquiring(ten), runs: [] },
    { name: "acquire, 1,000 claims", run: acquiring(thousand), runs: [] },
    { name: "list, 10 claims", run: () => time([binary, "list"], ten.env, ten.path), runs: [] },
    { name: "--help", run: () => time([binary, "--help"], ten.env, ten.path), runs: [] },
  ];
  // Interleaved, so that whatever else the machine does falls on all alike.
  for (let round = 0; round < ROUNDS; round++)
    for (const each of series) each.runs.push(each.run());
  const base = median(series[0]?.runs.map(({ wall }) => wall) ?? []);
  const baseCpu = median(series[0]?.runs.map(({ cpu }) => cpu) ?? []);
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} cores, Bun ${Bun.version}, ${ROUNDS} rounds\n`,
  );
  console.log("| what | median ms | spread | × empty | CPU ms | × empty |");
  console.log("|---|---|---|---|---|---|");
  for (const { name, runs } of series) {
    const wall = runs.map((run) => run.wall);
    const cpu = median(runs.map((run) => run.cpu));
    const ratio = (median(wall) / base).toFixed(2);
    console.log(
      `| ${name} | ${median(wall).toFixed(2)} | ${spread(wall)} | ${ratio} | ${cpu.toFixed(2)} | ${(cpu / baseCpu).toFixed(2)} |`,
    );
  }
  const pid = String(sleeper.pid);
  const storms = { empty: [] as number[], acquire: [] as number[] };
  for (let round = 0; round < 10; round++) {
    storms.empty.push((await together(AT_ONCE, [empty], {})).wall);
    const { wall, out } = await together(
      AT_ONCE,
      [binary, "acquire", "--service", "b", "--pid", pid],
      one.env,
    );
    if (new Set(out).size !== AT_ONCE) throw new Error(`a port was given twice: ${out.join(" ")}`);
    storms.acquire.push(wall);
    rmSync(`${one.path}/claims`, { recursive: true });
  }
  const [all, none] = [median(storms.acquire), median(storms.empty)];
  console.log(
    `\n${AT_ONCE} acquires at once: ${all.toFixed(0)} ms, ${AT_ONCE} empty programs: ${none.toFixed(0)} ms, ${(all / none).toFixed(2)} ×; no port twice`,
  );
} finally {
  sleeper.kill();
  rmSync(folder, { recursive: true, force: true });
}
