import { expect } from "bun:test";
import { readdirSync } from "node:fs";
import type { State } from "../../registry/model/claim.ts";
import { Agent, type Manner, MANNERS } from "../agent.ts";
import { until } from "../harness.ts";
import { needs } from "../needs.ts";
import { hasEnded } from "../processes.ts";
import { quote, ShellSandbox } from "../shell-sandbox.ts";

/** An agent and its rival, each in a project of its own, and every port that was ever given. */
class Day {
  readonly given: number[] = [];
  #tries = 0;

  constructor(
    readonly sandbox: ShellSandbox,
    readonly manner: Manner,
    readonly agent: Agent,
    readonly rival: Agent,
  ) {}

  /** The agent claims web's port in a throwaway shell and leaves the server running there. */
  start(agent = this.agent): Promise<number> {
    return agent.serve("web", { manner: this.manner });
  }

  /** The rival prefers a port in a throwaway shell; returns what it was given and told. */
  async prefer(port: number): Promise<{ port: number; err: string }> {
    const acquire = `portclaim acquire --service try-${++this.#tries} --prefer ${port}`;
    const line = `cd ${quote(this.sandbox.project("rival"))} && ${acquire}`;
    const { out, err } = await this.rival.exec(line, this.manner);
    expect(this.given).not.toContain(Number(out));
    this.given.push(Number(out));
    return { port: Number(out), err };
  }

  /** Expects the port to be in this state, and the rival, which prefers it, to get another one. */
  async expectHeld(port: number, state: State): Promise<void> {
    expect(await this.sandbox.state(port)).toBe(state);
    const got = await this.prefer(port);
    expect(got.port).not.toBe(port);
    expect(got.err).toContain(`${port}`);
    expect(got.err).toContain('"web"');
  }

  async end(port: number, signal: NodeJS.Signals): Promise<void> {
    const pid = await this.sandbox.listener(port);
    process.kill(pid, signal);
    await until("the server has ended", () => hasEnded(pid));
  }

  /** Ten seconds pass: in the agent's own group, a claim waits that long for its server. */
  async aWhile(port: number): Promise<void> {
    if (await this.sandbox.claim(port)) await this.sandbox.age({ port }, 10);
  }
}

needs("Linux").test.each(MANNERS)(
  "an agent that starts commands %s keeps its port through restarts, a crash and its own death",
  async (_name, manner) => {
    await using sandbox = new ShellSandbox();
    const [agent, rival] = await Promise.all([Agent.start(sandbox), Agent.start(sandbox)]);
    const day = new Day(sandbox, manner, agent, rival);

    const port = await day.start();
    day.given.push(port);
    await day.expectHeld(port, "listening");
    for (const signal of ["SIGTERM", "SIGTERM", "SIGKILL"] as const) {
      await day.end(port, signal);
      await day.expectHeld(port, "starting");
      await day.aWhile(port);
      expect(await day.start()).toBe(port);
      await day.expectHeld(port, "listening");
    }
    expect(await sandbox.view(port)).toMatchObject({ pid: agent.pid, state: "listening" });

    await agent.kill();
    const server = await sandbox.listener(port);
    await day.expectHeld(port, "orphaned");
    expect(await sandbox.view(port)).toMatchObject({
      pid: server,
      state: "listening",
      service: "web",
      owner: { command: expect.stringMatching(/^bun/) },
    });
    await day.expectHeld(port, "listening");

    // Another session of the agent in the same directory is told about the server, and leaves it alone.
    const next = await Agent.start(sandbox);
    const reuse = await next.exec("portclaim acquire --service web --reuse; exit $?", manner);
    expect(reuse.out).toBe(`${port}\n`);
    const second = await day.start(next);
    expect(day.given).not.toContain(second);
    expect((await sandbox.list()).filter(({ service }) => service === "web")).toHaveLength(2);

    await day.end(port, "SIGTERM");
    await day.aWhile(port);
    expect(await sandbox.state(port)).toBe("dead");
    day.given.splice(day.given.indexOf(port), 1);
    expect((await day.prefer(port)).port).toBe(port);

    await day.end(second, "SIGKILL");
    await Promise.all([rival.kill(), next.kill()]);
    for (const claim of await sandbox.list()) await sandbox.age(claim, 10);
    expect(await sandbox.reap()).toEqual([]);
    expect(readdirSync(sandbox.home).toSorted()).toEqual([
      ".lock",
      "claims",
      "config.toml",
      "history.jsonl",
      "last-ports.json",
    ]);
    expect(readdirSync(`${sandbox.home}/claims`)).toHaveLength(1);
  },
);
