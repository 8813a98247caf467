import { expect } from "bun:test";
import { rmSync } from "node:fs";
import { probe } from "../../../native/posix/port.ts";
import { Agent, MANNERS } from "../../agent.ts";
import { until } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { ASK, SERVE, ShellSandbox } from "../../shell-sandbox.ts";
import { Terminal } from "../../terminal.ts";

/** Command lines that ask and serve: the server, or the shell that waits for it, is known. */
const LINES = {
  "waits for its server": `PORT=$(${ASK}); ${SERVE} $PORT; true`,
  "becomes its server": `PORT=$(${ASK}); exec ${SERVE} $PORT`,
  "asks with a pipe": `PORT=$(${ASK} --json | jq .port); ${SERVE} $PORT; true`,
  "leaves its server in the background": `PORT=$(${ASK}); ${SERVE} $PORT &`,
  "leaves a subshell in the background": `( PORT=$(${ASK}); ${SERVE} $PORT ) &`,
};

/** An agent that serves again and again, each time from a new throwaway shell. */
class Restarting extends ShellSandbox {
  readonly served: number[] = [];
  agent!: Agent;

  static async start(): Promise<Restarting> {
    const sandbox = new Restarting();
    sandbox.agent = await Agent.start(sandbox);
    return sandbox;
  }

  /** Serves once, then ends the server and all that served it but what is spared. */
  async serveOnce(line: string, detached = true, spare?: () => Promise<number>): Promise<number> {
    await this.agent.open(`{ ${line}\n} > /dev/null 2>&1`, { detached });
    const { port } = await this.nextServer();
    this.served.push(port);
    await this.killAllBut(this.agent.pid, (await spare?.()) ?? 0);
    // A process of several threads may be a zombie that still holds its socket.
    await until("its port is free", () => probe(port) === "free");
    return port;
  }

  expectOnePort(): void {
    expect(this.served).toEqual(this.served.map(() => this.served[0] ?? 0));
  }
}

const { describe, test } = needs("Linux", "jq");

describe("a dev server that is restarted keeps its port", () => {
  for (const [manner, { detached }] of MANNERS) {
    test.each(Object.entries(LINES))(`if a shell ${manner} %s`, async (_form, line) => {
      await using sandbox = await Restarting.start();
      for (let i = 0; i < 3; i++) {
        const port = await sandbox.serveOnce(line, detached);
        // In the agent's group a claim waits for its server for ten seconds.
        if (!detached && (await sandbox.claim(port))) await sandbox.age({ port }, 11);
      }
      sandbox.expectOnePort();
    });
  }

  test.each([ASK, `${ASK}; true`, `cd . && PORT=$(${ASK}) && echo $PORT`])(
    "if one shell asked and another one serves: %s",
    async (asking) => {
      await using sandbox = await Restarting.start();
      for (let i = 0; i < 3; i++) {
        const { out } = await sandbox.agent.exec(asking);
        await sandbox.serveOnce(`${SERVE} ${out.trim()}`);
      }
      sandbox.expectOnePort();
    },
  );

  test("if the agent has started other programs since", async () => {
    await using sandbox = await Restarting.start();
    const line = LINES["waits for its server"];
    const other = () => sandbox.agent.open(["sleep", "1000"], { detached: false });
    await sandbox.serveOnce(line, true, other);
    await sandbox.serveOnce(line);
    sandbox.expectOnePort();
  });
});

describe.each([["bash"], ["zsh", "-i"]])("an interactive %s that asks again", (...argv) => {
  const FORMS = {
    plain: `${ASK} > ~/port`,
    captured: `PORT=$(${ASK}); echo $PORT > ~/port`,
    "piped in $(…)": `PORT=$(${ASK} | cat); echo $PORT > ~/port`,
    "in a pipeline": `${ASK} | cat > ~/port`,
  };
  needs("Linux", ...argv.slice(0, 1)).test.each(Object.entries(FORMS))(
    "keeps the port of a server that exited: %s",
    async (_form, line) => {
      await using sandbox = new ShellSandbox();
      await using terminal = new Terminal(sandbox, argv);
      const ports: string[] = [];
      for (let i = 0; i < 3; i++) {
        terminal.enter(line);
        const port = await sandbox.read("port");
        await sandbox.age({ port: Number(port) }, 11);
        rmSync(sandbox.path("port"));
        ports.push(port);
      }
      expect(ports).toEqual(ports.map(() => ports[0] ?? ""));
    },
  );
});
