import { beforeAll, describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { probe } from "../../../native/posix/port.ts";
import { Agent } from "../../agent.ts";
import { until } from "../../harness.ts";
import { SERVE, serverOf, writeServer } from "../../server.ts";
import { ASK, canStage, buildBinary, Scene } from "../../shell-sandbox.ts";
import { Terminal } from "../../terminal2.ts";

/** How one command line asks and serves: its server, or the shell that waits for it, is known. */
const LINES: Record<string, string> = {
  "waits for its server": `PORT=$(${ASK}); ${SERVE} $PORT; true`,
  "becomes its server": `PORT=$(${ASK}); exec ${SERVE} $PORT`,
  "asks with a pipe": `PORT=$(${ASK} --json | jq .port); ${SERVE} $PORT; true`,
  "leaves its server in the background": `PORT=$(${ASK}); ${SERVE} $PORT &`,
  "leaves a subshell in the background": `( PORT=$(${ASK}); ${SERVE} $PORT ) &`,
};

beforeAll(buildBinary);

/** Serves once from a new throwaway shell, then ends the server and all that served it. */
async function serveOnce(scene: Scene, agent: Agent, line: string, detached: boolean) {
  await agent.open(["bash", "-c", `{ ${line}\n} > /dev/null 2>&1`], { detached });
  const { port } = await serverOf(scene);
  await scene.killAllBut(agent.pid);
  // A process of several threads may be a zombie that still holds its socket.
  await until("its port is free", () => probe(port) === "free");
  return port;
}

describe.if(canStage())("a dev server that is restarted keeps its port", () => {
  for (const [form, line] of Object.entries(LINES)) {
    test(`from a shell in a group of its own that ${form}`, async () => {
      await using scene = new Scene();
      writeServer(scene);
      const agent = await Agent.start(scene);
      const ports: number[] = [];
      for (let i = 0; i < 5; i++) ports.push(await serveOnce(scene, agent, line, true));
      expect(ports).toEqual(Array.from(ports, () => ports[0] ?? 0));
    });

    test(`from a shell in the agent's group that ${form}, ten seconds later`, async () => {
      await using scene = new Scene();
      writeServer(scene);
      const agent = await Agent.start(scene);
      const ports: number[] = [];
      for (let i = 0; i < 5; i++) {
        const port = await serveOnce(scene, agent, line, false);
        const claim = await scene.claim(port);
        if (claim) await scene.age(claim, 11);
        ports.push(port);
      }
      expect(ports).toEqual(Array.from(ports, () => ports[0] ?? 0));
    });
  }

  for (const asking of [ASK, `${ASK}; true`, `cd . && PORT=$(${ASK}) && echo $PORT`]) {
    test(`from a shell that serves in one command and asked in another: ${asking}`, async () => {
      await using scene = new Scene();
      writeServer(scene);
      const agent = await Agent.start(scene);
      const ports: number[] = [];
      for (let i = 0; i < 5; i++) {
        const { out } = await agent.exec(["bash", "-c", asking], { detached: true });
        ports.push(await serveOnce(scene, agent, `${SERVE} ${out.trim()}`, true));
      }
      expect(ports).toEqual(Array.from(ports, () => ports[0] ?? 0));
    });
  }

  test("though the agent has started other programs since", async () => {
    await using scene = new Scene();
    writeServer(scene);
    const agent = await Agent.start(scene);
    const line = LINES["waits for its server"] ?? "";
    await agent.open(["bash", "-c", `{ ${line}\n} > /dev/null 2>&1`], { detached: true });
    const { port } = await serverOf(scene);
    const other = await agent.open(["sleep", "1000"], { detached: false });
    await scene.killAllBut(agent.pid, other);
    await until("its port is free", () => probe(port) === "free");
    expect(await serveOnce(scene, agent, line, true)).toBe(port);
  });
});

describe.if(canStage())(
  "an interactive shell that asks again keeps the port of a server that ended",
  () => {
    const FORMS = {
      plain: `${ASK} > ~/port`,
      captured: `PORT=$(${ASK}); echo $PORT > ~/port`,
      "piped in $(…)": `PORT=$(${ASK} | cat); echo $PORT > ~/port`,
      "in a pipeline": `${ASK} | cat > ~/port`,
    };
    const cases = [["bash"], ["zsh", "-i"]]
      .filter(([shell = ""]) => canStage(shell))
      .flatMap((shell) =>
        Object.entries(FORMS).map(([form, line]) => [shell.join(" "), form, shell, line] as const),
      );
    test.each(cases)("%s, %s", async (_name, _form, argv, line) => {
      await using scene = new Scene();
      const terminal = new Terminal(scene, argv);
      const ports: string[] = [];
      for (let i = 0; i < 3; i++) {
        terminal.type(line);
        const port = await scene.read("port");
        await scene.age(await scene.claimOf(port), 11);
        rmSync(scene.path("port"));
        ports.push(port);
      }
      expect(ports).toEqual(Array.from(ports, () => ports[0] ?? ""));
    });
  },
);
