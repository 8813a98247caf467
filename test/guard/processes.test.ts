import { expect, test } from "bun:test";
import { ProcessFinder } from "../../guard/processes.ts";
import { evaluate } from "../../guard/shell/evaluate.ts";
import { thisMachine } from "../../native/machine.ts";
import { DEFAULTS } from "../../registry/config/config.ts";
import { Snapshot } from "../../registry/liveness/snapshot.ts";
import { firstLine, World } from "../harness.ts";

const SURROUNDINGS = { cwd: "/", variables: {}, readFile: () => undefined };

/** The pids among `mine` that a command would end, by the guard. */
function found(line: string, mine: number[]): number[] {
  const { ends } = evaluate(line, SURROUNDINGS);
  const snapshot = new Snapshot({ machine: thisMachine(), config: DEFAULTS, shared: new Set() });
  const finder = new ProcessFinder(snapshot, undefined, "/", () => undefined);
  const pids = ends.flatMap(({ target }) => finder.find(target)).map(({ pid }) => pid);
  return mine.filter((pid) => pids.includes(pid));
}

/** Programs of several names, with the same tag in their arguments. */
async function programs(world: World, tag: string): Promise<number[]> {
  const pids: number[] = [];
  for (const name of ["sleep", "a-name-that-is-longer-than-fifteen", "next-server"]) {
    const child = world.spawn(
      ["bash", "-c", `exec -a "${name}" sh -c 'echo ready; read line' "${tag} ${name}"`],
      { stdin: "pipe" },
    );
    await firstLine(child);
    pids.push(child.pid);
  }
  return pids;
}

const PATTERNS = (tag: string) => [
  `-f ${tag}`,
  `-f '${tag} next'`,
  `-f '${tag} (sleep|next)'`,
  `-f '${tag.toUpperCase()}'`,
  `-i -f '${tag.toUpperCase()}'`,
  `-x -f ${tag}`,
  `-n -f ${tag}`,
  `-o -f ${tag}`,
  `-f '[${tag[0]}]${tag.slice(1)}'`,
  `-P ${process.pid} -f ${tag}`,
  `-P 1 -f ${tag}`,
  `-u $(id -u) -f ${tag}`,
];

test("pkill is expected to end what pgrep finds, whatever its options", async () => {
  await using world = new World();
  const tag = `tag-${process.pid}-x`;
  const mine = await programs(world, tag);
  for (const pattern of PATTERNS(tag)) {
    const args = pattern.replace("$(id -u)", String(process.getuid?.()));
    const { out } = await world.exec(["sh", "-c", `exec pgrep ${args}`]);
    const real = out.split("\n").map(Number);
    expect([args, found(`pkill ${args}`, mine)]).toEqual([
      args,
      mine.filter((pid) => real.includes(pid)),
    ]);
  }
});

test("what ps and grep select is what they print", async () => {
  await using world = new World();
  const tag = `tag-${process.pid}-y`;
  const mine = await programs(world, tag);
  for (const filter of [
    `grep ${tag}`,
    `grep -E '${tag} (sleep|next)'`,
    `grep ${tag} | grep -v next-server`,
  ]) {
    const { out } = await world.exec([
      "sh",
      "-c",
      `ps -eo pid,args | ${filter} | awk '{print $1}'`,
    ]);
    const real = out.split("\n").map(Number);
    const line = `ps -eo pid,args | ${filter} | awk '{print $1}' | xargs kill`;
    expect([filter, found(line, mine)]).toEqual([filter, mine.filter((pid) => real.includes(pid))]);
  }
});
