import { expect } from "bun:test";
import { Agent, type Manner, MANNERS } from "../../agent.ts";
import { needs } from "../../needs.ts";
import { ASK, SERVE, ShellSandbox } from "../../shell-sandbox.ts";

/** What keeps a shell busy between asking and serving, as an installation does. */
const INSTALL = "until [ -e ~/installed ]; do sleep 0.02; done";

/** Command lines that ask, say what they got in a file, install, and serve. */
const LINES = {
  "in a shell that waits": `PORT=$(${ASK}); echo $PORT > FILE; ${INSTALL}; ${SERVE} $PORT; true`,
  "in a shell that becomes the server": `PORT=$(${ASK} | cat); echo $PORT > FILE; ${INSTALL}; exec ${SERVE} $PORT`,
  "in a shell that becomes a slow server": `PORT=$(${ASK}); echo $PORT > FILE; AFTER=~/installed exec ${SERVE} $PORT`,
  "and serve in the background": `PORT=$(${ASK}); echo $PORT > FILE; ( ${INSTALL}; ${SERVE} $PORT ) &`,
  "in the background": `( PORT=$(${ASK}); echo $PORT > FILE; ${INSTALL}; ${SERVE} $PORT ) &`,
};

/** Starts a subagent's command line; it writes its port into `file`. */
async function start(agent: Agent, line: string, file: string, how: Manner): Promise<void> {
  await agent.open(`{ ${line.replaceAll("FILE", `~/${file}`)}\n} > /dev/null 2>&1`, how);
}

/** Lets the installations end; fails unless each port has a server and a claim. */
async function serveAll(sandbox: ShellSandbox, ports: string[]): Promise<void> {
  sandbox.write("installed", "");
  const bound: string[] = [];
  while (bound.length < ports.length) bound.push(String((await sandbox.nextServer()).port));
  expect(bound.toSorted()).toEqual(ports.toSorted());
  expect((await sandbox.list()).map(({ state }) => state)).toEqual(ports.map(() => "listening"));
}

const { describe, test } = needs("Linux");

for (const [manner, how] of MANNERS) {
  for (const [form, line] of Object.entries(LINES)) {
    describe(`subagents that ask ${form}, ${manner}, never share a port`, () => {
      test.each([0, 1, 30])("%d s apart", async (seconds) => {
        await using sandbox = new ShellSandbox();
        const agent = await Agent.start(sandbox);
        await start(agent, line, "first", how);
        const first = await sandbox.read("first");
        await sandbox.age({ port: Number(first) }, seconds);
        await start(agent, line, "second", how);
        const second = await sandbox.read("second");
        expect(second).not.toBe(first);
        await serveAll(sandbox, [first, second]);
      });

      test("at once", async () => {
        await using sandbox = new ShellSandbox();
        const agent = await Agent.start(sandbox);
        const files = ["one", "two", "three", "four", "five"];
        await Promise.all(files.map((file) => start(agent, line, file, how)));
        const ports = await Promise.all(files.map((file) => sandbox.read(file)));
        expect(new Set(ports).size).toBe(files.length);
      });
    });
  }

  test(`one shell that asks twice, ${manner}, gets two ports`, async () => {
    await using sandbox = new ShellSandbox();
    const agent = await Agent.start(sandbox);
    const { out } = await agent.exec(`A=$(${ASK}); B=$(${ASK}); echo $A $B`, how);
    expect((await sandbox.list()).map(({ port }) => port).join(" ")).toBe(out.trim());
  });
}
