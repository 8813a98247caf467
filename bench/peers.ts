import { mkdirSync, writeFileSync } from "node:fs";
import { bun, root } from "../scripts/root.ts";
import { type Program, time } from "./measure.ts";
import peers from "./peers/package.json";
import type { Stage } from "./stage.ts";

const folder = `${root}/bench/peers`;
/** The files of a peer's package. */
export const peerFile = (path: string): string => `${folder}/node_modules/${path}`;
const { dependencies: versions } = peers;
/** As many routes for portless as there are claims for portclaim. */
const ROUTES = JSON.stringify(
  Array.from({ length: 10 }, (_, i) => ({
    hostname: `app-${i}.localhost`,
    port: 4001 + i,
    pid: 0,
  })),
);

/** Other programs that find or record a port. They run on Node, which is measured too. */
export function peerPrograms(stage: Stage): Program[] {
  const node = Bun.which("node");
  const problem = node === null ? "Node is not on PATH" : installProblem();
  if (node === null || problem !== undefined) {
    stage.notes.push(`${problem}; not measured: ${Object.keys(versions).join(", ")}.`);
    return [];
  }
  const home = `${stage.folder}/peers`;
  mkdirSync(home);
  const env = { HOME: home, PATH: process.env["PATH"] ?? "", PORTLESS_STATE_DIR: `${home}/routes` };
  const program = (name: string, ...args: string[]): Program => ({
    name,
    command: [node, ...args],
    env,
    cwd: home,
  });
  const peer = (name: keyof typeof versions, script: string, ...args: string[]) =>
    program(
      `${name} ${versions[name]}: \`${[name, ...args].join(" ")}\``,
      peerFile(`${name}/${script}`),
      ...args,
    );
  const routes = () => writeFileSync(`${home}/routes/routes.json`, ROUTES);
  mkdirSync(`${home}/routes`);
  routes();
  return [
    program("`node -e 0`", "-e", "0"),
    peer("get-port-cli", "cli.js"),
    peer("detect-port", "dist/commonjs/bin/detect-port.js", "3000"),
    peer("kill-port", "cli.js", "4000"),
    { ...peer("portless", "dist/cli.js", "alias", "bench", "4000"), undo: routes },
  ].filter((one) => works(one, stage));
}

/** Why the peers can't be compared; `undefined` once they are installed. */
export function installProblem(): string | undefined {
  const installed = bun(["install", "--frozen-lockfile", "--silent"], folder);
  return installed ? undefined : "Packages could not be installed";
}

function works(program: Program, { notes }: Stage): boolean {
  try {
    time(program);
    return true;
  } catch (error) {
    const [reason] = (error as Error).message.split("\n", 1);
    notes.push(`Not measured: ${program.name}. ${reason}.`);
    return false;
  }
}
