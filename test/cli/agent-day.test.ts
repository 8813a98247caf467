import { beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import type { State } from "../../registry/model/claim.ts";
import { Agent, type Manner, MANNERS } from "../agent.ts";
import { until } from "../harness.ts";
import { buildBinary } from "../shell-sandbox.ts";
import { accepts, hasEnded, Stage } from "../stage.ts";

beforeAll(buildBinary);

/** An agent and its rival, each in a project of its own, and every port that was ever given. */
class Day {
  readonly given: number[] = [];
  #tries = 0;

  constructor(
    readonly stage: Stage,
    readonly manner: Manner,
    readonly agent: Agent,
    readonly rival: Agent,
  ) {}

  /** The agent claims web's port in a throwaway shell and leaves the server running there. */
  async start(agent = this.agent): Promise<number> {
    const acquire = "portclaim acquire --service web";
    const line = `PORT=$(${acquire}); echo $PORT; ${this.stage.serve} $PORT > /dev/null 2>&1 &`;
    const { out, err } = await agent.exec(["bash", "-c", line], this.manner);
    const port = Number(out);
    expect(port, err).toBeGreaterThan(0);
    await until("the server accepts connections", () => accepts(port));
    return port;
  }

  /** The rival prefers a port in a throwaway shell; returns what it was given and told. */
  async prefer(port: number): Promise<{ port: number; err: string }> {
    const acquire = `portclaim acquire --service try-${++this.#tries} --prefer ${port}`;
    const line = `cd ${this.stage.project("rival")} && ${acquire}`;
    const { out, err } = await this.rival.exec(["bash", "-c", line], this.manner);
    expect(this.given).not.toContain(Number(out));
    this.given.push(Number(out));
    return { port: Number(out), err };
  }

  /** The port is in this state, and the rival, which prefers it, is given another. */
  async holds(port: number, state: State): Promise<void> {
    expect(await this.stage.state(port)).toBe(state);
    const got = await this.prefer(port);
    expect(got.port).not.toBe(port);
    expect(got.err).toMatch(new RegExp(`port ${port}\\b.* claimed by `));
    expect(got.err).toContain('for "web" of my-app');
  }

  async end(port: number, signal: NodeJS.Signals): Promise<void> {
    const pid = await this.stage.listener(port);
    process.kill(pid, signal);
    await until("the server has ended", () => hasEnded(pid));
  }

  /** Ten seconds pass: in the agent's own group a claim counts as awaited for so long. */
  async aWhile(port: number): Promise<void> {
    const claim = await this.stage.claim(port);
    if (claim) await this.stage.age(claim, 10);
  }
}

describe.each(MANNERS)("an agent that runs commands %s", (_name, manner) => {
  test("keeps its port through restarts, a crash and its own death, and leaves nothing", async () => {
    await using stage = new Stage();
    const [agent, rival] = await Promise.all([Agent.start(stage), Agent.start(stage)]);
    const day = new Day(stage, manner, agent, rival);

    const port = await day.start();
    day.given.push(port);
    await day.holds(port, "listening");
    for (let i = 0; i < 5; i++) {
      await day.end(port, "SIGTERM");
      await day.holds(port, "starting");
      await day.aWhile(port);
      expect(await day.start()).toBe(port);
      await day.holds(port, "listening");
    }

    await day.end(port, "SIGKILL");
    await day.holds(port, "starting");
    await day.aWhile(port);
    expect(await day.start()).toBe(port);
    expect(await stage.view(port)).toMatchObject({ pid: agent.pid, state: "listening" });

    await agent.kill();
    const server = await stage.listener(port);
    await day.holds(port, "orphaned");
    expect(await stage.view(port)).toMatchObject({
      pid: server,
      state: "listening",
      service: "web",
      owner: { command: expect.stringMatching(/^bun/) },
    });
    await day.holds(port, "listening");

    // Another session of the agent in the same directory is told of the server and leaves it be.
    const next = await Agent.start(stage);
    const reuse = ["bash", "-c", "portclaim acquire --service web --reuse"];
    expect((await next.exec(reuse, manner)).out).toBe(`${port}\n`);
    const second = await day.start(next);
    expect(day.given).not.toContain(second);
    expect((await stage.list()).filter(({ service }) => service === "web")).toHaveLength(2);

    await day.end(port, "SIGTERM");
    await day.aWhile(port);
    expect(await stage.state(port)).toBe("dead");
    day.given.splice(day.given.indexOf(port), 1);
    expect((await day.prefer(port)).port).toBe(port);

    await day.end(second, "SIGKILL");
    await Promise.all([rival.kill(), next.kill()]);
    for (const claim of await stage.list()) await stage.age(claim, 10);
    expect(await stage.reap()).toEqual([]);
    expect(readdirSync(stage.home).toSorted()).toEqual([
      ".lock",
      "claims",
      "config.toml",
      "last-ports.json",
    ]);
    expect(readdirSync(`${stage.home}/claims`)).toHaveLength(1);
  });
});
