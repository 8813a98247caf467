/**
 * Measures portclaim side by side with comparable programs: `bun run bench`. Prints a page in Markdown,
 * and writes it to bench/RESULTS.md and a chart to docs/. `--only latency,mcp` runs some parts and writes
 * no file; `--rounds N` sets the number of rounds.
 */
import { existsSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { install } from "../scripts/install.ts";
import { bun, root } from "../scripts/root.ts";
import { build } from "./built.ts";
import { bursts } from "./burst.ts";
import { cold } from "./cold.ts";
import { growth } from "./growth.ts";
import { fillHome } from "./home.ts";
import { idle } from "./idle.ts";
import { latency } from "./latency.ts";
import { mcp } from "./mcp.ts";
import { nodeLibrary } from "./node-library.ts";
import { installPackage } from "./npm-package.ts";
import { programsIn } from "./programs.ts";
import { report, type Section } from "./report.ts";
import { sizes } from "./size.ts";
import { Stage } from "./stage.ts";

const PARTS = ["latency", "cold", "growth", "burst", "node", "mcp", "idle", "size"] as const;
/** Takes about four minutes. */
const ROUNDS = 200;

type Part = (typeof PARTS)[number];

interface Options {
  rounds: number;
  parts: readonly Part[];
}

function readOptions(): Options {
  const options = { rounds: { type: "string" }, only: { type: "string" } } as const;
  const { rounds, only } = parseArgs({ options }).values;
  const parts = only?.split(",") ?? [...PARTS];
  const odd = parts.find((name) => !PARTS.some((part) => part === name));
  if (odd !== undefined) {
    throw new TypeError(`unknown part "${odd}"; expected ${PARTS.join(", ")}`);
  }
  if (rounds !== undefined && !/^[1-9]\d{0,4}$/.test(rounds)) {
    throw new TypeError(`invalid --rounds "${rounds}"; expected a whole number above 0`);
  }
  return { rounds: Number(rounds ?? ROUNDS), parts: parts as Part[] };
}

/** The options; exits if they are invalid. */
function optionsOrExit(): Options {
  try {
    return readOptions();
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

interface Results {
  page: string;
  picture: string | undefined;
}

async function measure({ rounds, parts }: Options): Promise<Results> {
  if (!bun(["scripts/build.ts"])) throw new Error("the build failed");
  using stage = new Stage();
  const built = await build(stage);
  const asked = (...names: Part[]) => names.some((name) => parts.includes(name));
  const modules = await installPackage(stage);
  const calls = asked("latency", "size")
    ? programsIn(stage, built, fillHome(stage, "calls", 10), modules)
    : [];
  // Hundreds of megabytes that aren't on disk yet would delay every fsync.
  Bun.spawnSync(["sync"]);
  const run: Record<Part, () => Promise<Section>> = {
    latency: () => latency(calls, rounds),
    cold: () => cold(stage, rounds),
    growth: () => growth(stage, built, Math.ceil(rounds / 2)),
    burst: () => bursts(stage, built, rounds),
    node: () => nodeLibrary(stage, rounds),
    mcp: () => mcp(stage, built, rounds),
    idle: () => idle(stage),
    size: () => sizes(stage, built, calls),
  };
  const sections: Section[] = [];
  for (const part of PARTS.filter((name) => asked(name))) {
    console.error(`measuring: ${part}`);
    sections.push(await run[part]());
  }
  const picture = sections.find((section) => section.picture)?.picture;
  return { page: report(stage, sections, rounds), picture };
}

const options = optionsOrExit();
const wasBare = !existsSync(`${root}/node_modules`);
if (!install(["--silent"])) process.exit(1);
// This bun remembers that there were no packages, so another one has to run.
if (wasBare) process.exit(bun([import.meta.path, ...process.argv.slice(2)]) ? 0 : 1);
const { page, picture } = await measure(options);
console.log(page.trimEnd());
if (options.parts.length === PARTS.length) {
  writeFileSync(`${root}/bench/RESULTS.md`, page);
  writeFileSync(`${root}/docs/performance.svg`, picture ?? "");
}
