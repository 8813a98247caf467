import { beforeAll, describe, expect, test } from "bun:test";
import { Agent, MANNERS } from "../../agent.ts";
import { SERVE, serverOf, writeServer } from "../../server.ts";
import { ASK, canStage, buildBinary, Scene } from "../../shell-sandbox.ts";

beforeAll(buildBinary);

describe.if(canStage())("--reuse returns the claim of that service, project and directory", () => {
  const reuse = async (scene: Scene, ...args: string[]) =>
    String(await scene.acquire("--service", "web", "--reuse", ...args));

  for (const [manner, how] of MANNERS) {
    test(`of an agent that is about to bind it, asked ${manner}`, async () => {
      await using scene = new Scene();
      const agent = await Agent.start(scene);
      const line = `PORT=$(${ASK}); echo $PORT > ~/port; sleep 1000`;
      await agent.open(["bash", "-c", line], how);
      const port = await scene.read("port");
      const claim = await scene.claim(Number(port));

      expect(await reuse(scene)).toBe(port);
      const again = await agent.exec(["bash", "-c", `${ASK} --reuse; true`], how);
      expect(again.out.trim()).toBe(port);
      expect(await scene.claim(Number(port))).toEqual(claim);
    });

    test(`of an agent whose server listens, asked ${manner}`, async () => {
      await using scene = new Scene();
      writeServer(scene);
      const agent = await Agent.start(scene);
      await agent.open(["bash", "-c", `PORT=$(${ASK}); ${SERVE} $PORT > /dev/null`], how);
      const { port } = await serverOf(scene);

      expect(await reuse(scene)).toBe(String(port));
      expect((await scene.claim(port))?.pid).toBe(agent.pid);
    });
  }

  test("and no other: another service, project or directory gets a new port", async () => {
    await using scene = new Scene();
    const agent = await Agent.start(scene);
    const claim = await scene.claimOf(await agent.exec(ASK.split(" "), { detached: true }));
    const port = String(claim.port);
    const elsewhere = await scene.run(
      ["acquire", "--service", "web", "--project", claim.project, "--reuse"],
      { cwd: scene.path("") },
    );
    const others = [await reuse(scene, "--project", "other"), elsewhere.out.trim()];
    others.push(String(await scene.acquire("--service", "api", "--reuse")));
    expect(others).not.toContain(port);
    expect(new Set(others).size).toBe(3);
    expect(await reuse(scene)).toBe(port);
  });

  test("and a new one where there is none, or where its owner is dead", async () => {
    await using scene = new Scene();
    const port = await reuse(scene);
    expect((await scene.claim(Number(port)))?.pid).toBe(process.pid);
    await using other = new Scene();
    const agent = await Agent.start(other);
    const claim = await other.claimOf(
      await agent.exec(["bash", "-c", `${ASK}; true`], { detached: true }),
    );
    await agent.kill();
    const next = Number(await reuse(other));
    expect((await other.claim(next))?.pid).toBe(process.pid);
    // It comes back to the port that the service had last.
    expect(next).toBe(claim.port);
  });

  test("while without it, two owners get two ports", async () => {
    await using scene = new Scene();
    const [one, other] = [await Agent.start(scene), await Agent.start(scene)];
    const ask = (agent: Agent) => agent.exec(["bash", "-c", `${ASK}; true`], { detached: true });
    const claims = [await scene.claimOf(await ask(one)), await scene.claimOf(await ask(other))];
    expect(claims.map(({ pid }) => pid)).toEqual([one.pid, other.pid]);
    expect(claims[0]?.port).not.toBe(claims[1]?.port);
  });
});
