import { expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { firstLine, ROOT, script, World } from "../../harness.ts";
import { needs } from "../../needs.ts";

/** Says which limit leaves `spare` descriptors; told to go on, what a list and a change end with. */
const withSpare = (spare: number) =>
  script(`
    import { existsSync, readSync, writeSync } from "node:fs";
    import { openRegistry } from "${ROOT}/registry/store/registry.ts";
    import { transact } from "${ROOT}/registry/store/transaction.ts";
    import { listClaims } from "${ROOT}/registry/query/list.ts";
    const registry = await openRegistry({ environment: process.env });
    const list = () => listClaims(registry).claims.length;
    const change = () => transact(registry, ({ claims }) => claims.size);
    // Whatever is loaded or opened once is by now.
    list(), await change();
    const isOpen = (descriptor) => existsSync("/proc/self/fd/" + descriptor);
    let limit = 0;
    for (let free = 0; free < ${spare} || isOpen(limit); limit++) free += Number(!isOpen(limit));
    writeSync(1, limit + "\\n");
    readSync(0, new Uint8Array(1));
    const told = (action) => Promise.try(action).catch(({ code }) => code);
    writeSync(2, JSON.stringify([await told(list), await told(change)]));`);

needs("prlimit").test.each([
  [0, 0, "EMFILE", "EMFILE"],
  [0, 40, "EMFILE", "EMFILE"],
  [1, 0, 2, "EMFILE"],
  [1, 40, 2, "EMFILE"],
  [2, 0, 2, 2],
  [2, 40, 2, 2],
])(
  "row 27: with %d descriptors left, among %d other files, no claim is taken for absent",
  async (spare, others, list, change) => {
    await using world = new World();
    await world.run(["acquire", "--service", "web", "--service", "api"]);
    // So many are read in another way than two.
    for (let i = 0; i < others; i++) writeFileSync(`${world.home}/claims/note-${i}`, "");
    const child = world.spawn(withSpare(spare));
    const limit = await firstLine(child);
    await world.exec(["prlimit", "--pid", String(child.pid), `--nofile=${limit}:${limit}`]);
    child.stdin.write("\n");
    child.stdin.end();
    expect(JSON.parse(await new Response(child.stderr).text())).toEqual([list, change]);
  },
);
