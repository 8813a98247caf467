import { writeFileSync } from "node:fs";
import { fillHome } from "./home.ts";
import { median } from "./measure.ts";
import { installProblem, peerFile } from "./peers.ts";
import { binary } from "./programs.ts";
import { ratio, type Section, table, walls } from "./report.ts";
import type { Stage } from "./stage.ts";

const NAMES = {
  spawnSync: "`spawnSync` of the program",
  acquireSync: "`acquireSync`",
  execFile: "`execFile` of the program",
  acquire: "`await acquire`",
  getPort: "get-port in process",
  execPeer: "`execFile` of get-port-cli",
};

/** Runs on Node: calls the library and the program in turn, and releases each port again. */
const PROGRAM = `
const { execFile, spawnSync } = require("node:child_process");
const { acquire, acquireSync, release } = require("portclaim");
const [program, rounds, getPortFile, peer] = process.argv.slice(2);
const args = ["acquire", "bench", "--json", "--pid=" + process.pid];
const calls = {
  spawnSync: () => JSON.parse(spawnSync(program, args, { encoding: "utf8" }).stdout),
  acquireSync: () => acquireSync("bench"),
  execFile: () => new Promise((done) => execFile(program, args, (_, out) => done(JSON.parse(out)))),
  acquire: () => acquire("bench"),
};
(async () => {
  if (peer) {
    const { default: getPort } = await import(getPortFile);
    calls.getPort = () => getPort();
    calls.execPeer = () => new Promise((done) => execFile(process.execPath, [peer], done));
  }
  const times = Object.fromEntries(Object.keys(calls).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, call] of Object.entries(calls)) {
      const started = performance.now();
      const claim = await call();
      if (round >= 0) times[name].push(performance.now() - started);
      if (claim?.port) await release(claim.port);
    }
  }
  console.log(JSON.stringify(times));
})();
`;

/** An acquire by the library on Node, beside spawning the program without it. The stage holds the npm package. */
export async function nodeLibrary(stage: Stage, rounds: number): Promise<Section> {
  const { env, cwd } = fillHome(stage, "node-library", 10);
  const script = `${stage.folder}/library.cjs`;
  writeFileSync(script, PROGRAM);
  const peers = installProblem() ? [] : ["get-port/index.js", "get-port-cli/cli.js"].map(peerFile);
  const command = [Bun.which("node") ?? "node", script, binary, String(rounds), ...peers];
  const { stdout, stderr, success } = Bun.spawnSync(command, { env, cwd });
  if (!success) throw new Error(`the program for Node failed: ${stderr.toString()}`);
  const times = JSON.parse(stdout.toString()) as Record<keyof typeof NAMES, number[]>;
  const row = (key: string) => {
    const name = NAMES[key as keyof typeof NAMES];
    return [name, ...walls({ name, wall: times[key as keyof typeof NAMES], cpu: [] })];
  };
  const over = (call: keyof typeof NAMES, bare: keyof typeof NAMES) =>
    median(times[call]) / median(times[bare]);
  return {
    title: "From Node",
    lines: [
      "An acquire by a running program, with 10 live claims of other owners. get-port finds a free port and",
      "records nothing.",
      "",
      ...table(["call", "ms", "middle half"], Object.keys(times).map(row)),
      "",
      `acquireSync is ${ratio(over("acquireSync", "spawnSync"))} times spawnSync, acquire`,
      `${ratio(over("acquire", "execFile"))} times execFile.`,
    ],
    budgets: [
      {
        what: "acquireSync on Node / spawning the program",
        most: 1.1,
        measured: over("acquireSync", "spawnSync"),
      },
      {
        what: "acquire on Node / spawning the program",
        most: 1.1,
        measured: over("acquire", "execFile"),
      },
    ],
  };
}
