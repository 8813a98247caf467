import { expect } from "bun:test";
import { Agent, MANNERS } from "../../agent.ts";
import { directory, marked, serve } from "../../git.ts";
import { World } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { ASK, SERVE, ShellSandbox } from "../../shell-sandbox.ts";

const { describe, test } = needs("Linux");

describe("--reuse returns the claim of that service, project and directory", () => {
  const reuse = async (sandbox: ShellSandbox, ...args: string[]) =>
    String(await sandbox.acquire("--service", "web", "--reuse", ...args));

  for (const [manner, how] of MANNERS) {
    test(`of an agent that is about to bind it, asked ${manner}`, async () => {
      await using sandbox = new ShellSandbox();
      const agent = await Agent.start(sandbox);
      const line = `PORT=$(${ASK}); echo $PORT > ~/port; sleep 1000`;
      await agent.open(line, how);
      const port = await sandbox.read("port");
      const claim = await sandbox.claim(Number(port));

      expect(await reuse(sandbox)).toBe(port);
      const again = await agent.exec(`${ASK} --reuse; true`, how);
      expect(again.out.trim()).toBe(port);
      expect(await sandbox.claim(Number(port))).toEqual(claim);
    });

    test(`of an agent whose server listens, asked ${manner}`, async () => {
      await using sandbox = new ShellSandbox();
      const agent = await Agent.start(sandbox);
      await agent.open(`PORT=$(${ASK}); ${SERVE} $PORT > /dev/null`, how);
      const { port } = await sandbox.nextServer();

      expect(await reuse(sandbox)).toBe(String(port));
      expect((await sandbox.claim(port))?.pid).toBe(agent.pid);
    });
  }

  test("and no other: another service, project or directory gets a new port, unless its project is named", async () => {
    await using sandbox = new ShellSandbox();
    const agent = await Agent.start(sandbox);
    const claim = await sandbox.claimOf(await agent.exec(ASK.split(" ")));
    const port = String(claim.port);
    const cwd = sandbox.path("");
    const elsewhere = async (...args: string[]) => {
      const { out } = await sandbox.run(["acquire", "web", "--reuse", ...args], { cwd });
      return out.trim();
    };
    expect(await elsewhere("--project", claim.project)).toBe(port);
    const others = [await reuse(sandbox, "--project", "other"), await elsewhere()];
    others.push(String(await sandbox.acquire("--service", "api", "--reuse")));
    expect(others).not.toContain(port);
    expect(new Set(others).size).toBe(3);
    expect(await reuse(sandbox, "--project", claim.project)).toBe(port);
  });

  test("and a new one where there is none, or where its owner is dead", async () => {
    await using sandbox = new ShellSandbox();
    const port = await reuse(sandbox);
    expect((await sandbox.claim(Number(port)))?.pid).toBe(process.pid);
    await using other = new ShellSandbox();
    const agent = await Agent.start(other);
    const claim = await other.claimOf(await agent.exec(`${ASK}; true`));
    await agent.kill();
    const next = Number(await reuse(other));
    expect((await other.claim(next))?.pid).toBe(process.pid);
    // It comes back to the port that the service had last.
    expect(next).toBe(claim.port);
  });

  test("from any directory of the checkout, whatever project that is named for", async () => {
    await using world = new World();
    const root = marked(world, "shop");
    const { port } = await serve(world, root);
    const cwd = directory(world, "shop/packages/web");
    expect((await world.run(["acquire", "web", "--reuse"], { cwd })).out).toBe(`${port}\n`);
    const { out } = await world.run(["acquire", "web", "--json"], { cwd });
    expect(JSON.parse(out)).toMatchObject({ how: "new", others: [{ port, service: "web" }] });
    const apart = await world.run(["acquire", "web", "--json"], { cwd: marked(world, "other") });
    expect(JSON.parse(apart.out)).not.toHaveProperty("others");
  });

  test("while without it, two owners get two ports", async () => {
    await using sandbox = new ShellSandbox();
    const [one, other] = [await Agent.start(sandbox), await Agent.start(sandbox)];
    const ask = (agent: Agent) => agent.exec(`${ASK}; true`);
    const claims = [await sandbox.claimOf(await ask(one)), await sandbox.claimOf(await ask(other))];
    expect(claims.map(({ pid }) => pid)).toEqual([one.pid, other.pid]);
    expect(claims[0]?.port).not.toBe(claims[1]?.port);
  });
});
