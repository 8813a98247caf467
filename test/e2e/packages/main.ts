import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { median } from "../../../bench/measure.ts";
import { BINARY } from "../../harness.ts";
import { Customer } from "../../package/customer.ts";
import { checkPackage } from "./check-package.ts";
import { installTools, type Tools } from "./tools.ts";
import { LIBRARY, type Way, WAYS } from "./ways.ts";

const AGAIN = 10;
/** What stands for a program of the tools, in a directory that precedes the system's in PATH. */
const LINKED = ["node", "npm", "npx", "pnpm", "yarn"];

/** A directory, a HOME and the variables for one way: nothing is cached there. */
function prepare(customer: Customer, way: Way, index: number) {
  const home = customer.path(`home-${index}`);
  const cwd = `${home}/shop`;
  mkdirSync(cwd, { recursive: true });
  if (way.manifest) writeFileSync(`${cwd}/package.json`, JSON.stringify(way.manifest));
  if (way.library) writeFileSync(`${cwd}/${LIBRARY.name}`, LIBRARY.text);
  const { url } = customer;
  const bin = way.bun ? [customer.path("bin")] : [];
  if (way.yarn4) bin.push(customer.path("yarn4"));
  const own = [`${home}/global/bin`, `${home}/pnpm`, `${home}/pnpm/bin`, `${home}/.bun/bin`];
  const env = {
    PATH: [...own, ...bin, customer.path("managers"), "/usr/bin:/bin"].join(":"),
    HOME: home,
    LANG: "C.UTF-8",
    TMPDIR: customer.env["TMPDIR"] ?? "",
    npm_config_registry: url,
    npm_config_prefix: `${home}/global`,
    npm_config_update_notifier: "false",
    pnpm_config_registry: url,
    // pnpm waits a day before it installs a release.
    pnpm_config_minimum_release_age: "0",
    PNPM_HOME: `${home}/pnpm`,
    YARN_NPM_REGISTRY_SERVER: url.slice(0, -1),
    YARN_UNSAFE_HTTP_WHITELIST: "127.0.0.1",
    YARN_ENABLE_TELEMETRY: "0",
    YARN_NPM_MINIMAL_AGE_GATE: "0",
    PORTCLAIM_HOME: `${home}/registry`,
  };
  return { home, cwd, env };
}

interface Trial {
  cold: number;
  again: number;
  problem: string;
}

/** Installs and calls portclaim in one way, from an empty HOME. */
async function tryWay(customer: Customer, way: Way, index: number): Promise<Trial> {
  const place = prepare(customer, way, index);
  const { cwd, env, home } = place;
  const run = (line: string) => customer.only(line.split(" "), { cwd, env });
  const started = performance.now();
  for (const line of way.install) {
    const { code, out, err } = await run(line);
    if (code !== 0) return { cold: 0, again: 0, problem: `${line}: ${out}${err}` };
  }
  const first = await run(way.call);
  const cold = performance.now() - started;
  if (way.refused !== undefined) {
    const isSaid = first.code === 1 && first.err.includes(way.refused);
    return { cold, again: 0, problem: isSaid ? "" : JSON.stringify(first) };
  }
  const port = Number(first.out.trim());
  const { out } = await customer.only([BINARY, "list", "--json"], { cwd, env });
  const claim = (JSON.parse(out) as { port: number; pid: number }[]).find(
    (one) => one.port === port,
  );
  // A program that uses the library owns its claim itself.
  const isOwner = way.library ?? claim?.pid === process.pid;
  const owner = isOwner ? "" : `the owner is ${claim?.pid}, not ${process.pid}; `;
  const problem = claim ? owner : `no port: ${JSON.stringify(first)}`;
  const again: number[] = [];
  for (let i = 0; i < AGAIN; i++) {
    const before = performance.now();
    await run(way.call);
    again.push(performance.now() - before);
  }
  rmSync(home, { recursive: true, force: true });
  return { cold, again: median(again), problem };
}

/** How long the program itself takes. */
async function bareCall(customer: Customer): Promise<number> {
  const times: number[] = [];
  const { cwd, env } = prepare(customer, { install: [], call: "" }, WAYS.length);
  for (let i = 0; i < 2 * AGAIN; i++) {
    const before = performance.now();
    await customer.only([BINARY, "acquire", "web"], { cwd, env });
    times.push(performance.now() - before);
  }
  return median(times);
}

function linkManagers(customer: Customer, tools: Tools): void {
  mkdirSync(customer.path("managers"));
  for (const name of LINKED) symlinkSync(tools.program(name), customer.path(`managers/${name}`));
  mkdirSync(customer.path("yarn4"));
  symlinkSync(tools.program("berry"), customer.path("yarn4/yarn"));
}

/** Tries all ways to install portclaim, or those whose commands contain one of the words; prints a table. */
export async function main(words: string[]): Promise<boolean> {
  const tools = await installTools();
  await using customer = await Customer.start({ real: true });
  linkManagers(customer, tools);
  const versions = (["npm", "pnpm", "yarn", "@yarnpkg/cli-dist", "node"] as const).map(
    (name) => `${name} ${tools.version(name)}`,
  );
  console.log(`${versions.join(", ")}, Bun ${Bun.version}\n`);
  console.log("| command, from an empty HOME | Bun on PATH | result | time, s | later calls, ms |");
  console.log("|---|---|---|---:|---:|");
  let succeeded = true;
  for (const [index, way] of WAYS.entries()) {
    const typed = [...way.install, way.call].join("; ");
    if (words.length > 0 && !words.some((word) => typed.includes(word))) continue;
    const { cold, again, problem } = await tryWay(customer, way, index);
    const came = problem ? "FAILED" : way.refused ? "one sentence" : "a port";
    const row = [`${way.yarn4 ? "Yarn 4: " : ""}\`${typed}\``, way.bun ? "yes" : "no", came];
    const times = [(cold / 1000).toFixed(1), way.refused ? "–" : again.toFixed(0)];
    console.log(`| ${[...row, ...times].join(" | ")} |`);
    if (problem) console.log(`    ${problem.trim().slice(0, 1500).replaceAll("\n", "\n    ")}`);
    succeeded &&= problem === "";
  }
  console.log(`| the program itself | – | a port | – | ${(await bareCall(customer)).toFixed(0)} |`);
  return (words.length > 0 || (await checkPackage(customer, tools))) && succeeded;
}
