import { expect, test } from "bun:test";
import { ROOT, script, until, type World } from "../harness.ts";
import { PoolWorld } from "../pool.ts";

/** Runs a program that uses the library; returns what it printed, as JSON. */
async function use(world: World, code: string, env: Record<string, string> = {}): Promise<unknown> {
  const program = `import { acquire, list, release } from "${ROOT}/lib/index.ts";
    const print = (value) => console.log(JSON.stringify(value ?? null));
    ${code}`;
  const { code: exit, out, err } = await world.exec(script(program), { env });
  if (exit !== 0) throw new Error(err);
  return JSON.parse(out);
}

test("a claim belongs to this process, with the options given", async () => {
  await using world = new PoolWorld({ CLAUDECODE: "1" });
  const claim = await use(
    world,
    `const { owner, claimed_at, ...claim } = await acquire("web", { lease: "persistent" });
    print({ ...claim, mine: claim.pid === process.pid });`,
  );
  expect(claim).toMatchObject({
    service: "web",
    project: "my-app",
    cwd: world.cwd,
    agent: "claude-code",
    lease: "persistent",
    mine: true,
  });
});

test("a claim is released at the end of its scope", async () => {
  await using world = new PoolWorld();
  const states = await use(
    world,
    `let inside;
    { await using claim = await acquire("web"); inside = (await list()).map(({ state }) => state); }
    print([inside, await list()]);`,
  );
  expect(states).toEqual([["starting"], []]);
});

test("a reused claim is not released, as it is another owner's", async () => {
  await using world = new PoolWorld();
  const port = await world.acquire("--service", "web");
  const code = `{ await using claim = await acquire("web", { reuse: true }); print(claim.port); }`;
  expect(await use(world, code)).toBe(port);
  expect((await world.list()).map((claim) => claim.port)).toEqual([port]);
});

test("a port that another owner has claimed since is not released", async () => {
  await using world = new PoolWorld();
  const child = world.spawn(
    script(`import { acquire } from "${ROOT}/lib/index.ts";
      {
        await using claim = await acquire("web");
        console.log(claim.port);
        for await (const line of console) break;
      }`),
  );
  const port = await until("it has a port", async () => (await world.list())[0]?.port);
  await world.run(["release", String(port), "--force"]);
  expect(await world.acquire("--service", "other", "--prefer", String(port))).toBe(port);
  child.stdin.write("end the scope\n");
  child.stdin.end();
  expect(await child.exited).toBe(0);
  expect((await world.claim(port))?.service).toBe("other");
});

test("a program that waits for the lock keeps doing its other work", async () => {
  await using world = new PoolWorld({ PORTCLAIM_LOCK_TIMEOUT: "30s" });
  await world.run(["init"]);
  await world.exec(["touch", `${world.home}/.lock`]);
  const holder = world.spawn(["flock", `${world.home}/.lock`, "sh", "-c", "echo held; read line"]);
  await until("the lock is held", async () => (await holder.stdout.getReader().read()).value);
  const child = world.spawn(
    script(`import { acquire } from "${ROOT}/lib/index.ts";
      let ticks = 0;
      const timer = setInterval(() => { if (++ticks === 20) console.log("ticked"); }, 1);
      await acquire("web");
      clearInterval(timer);
      console.log("acquired");`),
  );
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toBe("ticked\n");
  holder.stdin.write("\n");
  holder.stdin.end();
  expect((await reader.read()).value).toBe("acquired\n");
});

test("an error has a code and its facts", async () => {
  await using world = new PoolWorld();
  const port = await world.acquire("--service", "web");
  const code = `const error = await acquire("api", { prefer: ${port}, exact: true }).catch((e) => e);
    print([error.name, error.reason.code, error.reason.port]);`;
  expect(await use(world, code)).toEqual(["RegistryError", "port-taken", port]);
});

test("an invalid lock timeout is refused", async () => {
  await using world = new PoolWorld();
  const code = `print(await acquire("web").catch((error) => error.reason));`;
  expect(await use(world, code, { PORTCLAIM_LOCK_TIMEOUT: "soon" })).toMatchObject({
    code: "invalid",
  });
});
