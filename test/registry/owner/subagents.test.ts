import { beforeAll, describe, expect, test } from "bun:test";
import { Agent, type Manner, MANNERS } from "../../agent.ts";
import { SERVE, serverOf, writeServer } from "../../server.ts";
import { ASK, buildBinary, canStage, Scene } from "../../shell-sandbox.ts";

/** What keeps a shell busy between asking and serving, as an installation does. */
const INSTALL = "until [ -e ~/installed ]; do sleep 0.02; done";

/** Command lines that ask, say what they got in a file, install, and serve. */
const LINES = {
  "in a shell that waits": `PORT=$(${ASK}); echo $PORT > FILE; ${INSTALL}; ${SERVE} $PORT; true`,
  "in a shell that becomes the server": `PORT=$(${ASK} | cat); echo $PORT > FILE; ${INSTALL}; exec ${SERVE} $PORT`,
  "in a shell that becomes a slow server": `PORT=$(${ASK}); echo $PORT > FILE; exec ${SERVE} $PORT ~/installed`,
  "and serving in the background": `PORT=$(${ASK}); echo $PORT > FILE; ( ${INSTALL}; ${SERVE} $PORT ) &`,
  "in the background": `( PORT=$(${ASK}); echo $PORT > FILE; ${INSTALL}; ${SERVE} $PORT ) &`,
};

beforeAll(buildBinary);

/** Starts a subagent's command line; it writes its port into `file`. */
async function start(agent: Agent, line: string, file: string, how: Manner): Promise<void> {
  const command = line.replaceAll("FILE", `~/${file}`);
  await agent.open(["bash", "-c", `{ ${command}\n} > /dev/null 2>&1`], how);
}

/** Lets the installations end; fails unless each port has a server and a claim. */
async function serveAll(scene: Scene, ports: string[]): Promise<void> {
  scene.write("installed", "");
  const bound: string[] = [];
  while (bound.length < ports.length) bound.push(String((await serverOf(scene)).port));
  expect(bound.toSorted()).toEqual(ports.toSorted());
  expect((await scene.list()).map(({ state }) => state)).toEqual(ports.map(() => "listening"));
}

for (const [manner, how] of MANNERS) {
  for (const [form, line] of Object.entries(LINES)) {
    describe.if(canStage())(`subagents that ask ${form}, ${manner}, never share a port`, () => {
      test.each([0, 1, 30])("%d s apart", async (seconds) => {
        await using scene = new Scene();
        writeServer(scene);
        const agent = await Agent.start(scene);
        await start(agent, line, "first", how);
        const first = await scene.read("first");
        await scene.age(await scene.claimOf(first), seconds);
        await start(agent, line, "second", how);
        const second = await scene.read("second");
        expect(second).not.toBe(first);
        await serveAll(scene, [first, second]);
      });

      test("at once", async () => {
        await using scene = new Scene();
        writeServer(scene);
        const agent = await Agent.start(scene);
        const files = ["one", "two", "three", "four", "five"];
        await Promise.all(files.map((file) => start(agent, line, file, how)));
        const ports = await Promise.all(files.map((file) => scene.read(file)));
        expect(new Set(ports).size).toBe(files.length);
      });
    });
  }

  test.if(canStage())(`one shell that asks twice, ${manner}, gets two ports`, async () => {
    await using scene = new Scene();
    const agent = await Agent.start(scene);
    const line = `A=$(${ASK}); B=$(${ASK}); echo $A $B`;
    const [a, b] = (await agent.exec(["bash", "-c", line], how)).out.trim().split(" ");
    expect((await scene.list()).map(({ port }) => String(port))).toEqual([a ?? "", b ?? ""]);
  });
}
