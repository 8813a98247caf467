import { expect, test } from "bun:test";
import { ROOT, script, until, World } from "../harness.ts";

/** Runs a program that uses the library; returns what it printed, as JSON. */
async function use(world: World, code: string, env: Record<string, string> = {}): Promise<unknown> {
  const program = `import { acquire, list, release } from "${ROOT}/lib/index.ts";
    const print = (value) => console.log(JSON.stringify(value ?? null));
    ${code}`;
  const { code: exit, out, err } = await world.exec(script(program), { env });
  if (exit !== 0) throw new Error(err);
  return JSON.parse(out);
}

test("a claim is this process's, with what was asked for", async () => {
  await using world = new World({ CLAUDECODE: "1" });
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

test("a claim in use is given back at the end of its scope", async () => {
  await using world = new World();
  const states = await use(
    world,
    `let inside;
    { await using claim = await acquire("web"); inside = (await list()).map(({ state }) => state); }
    print([inside, await list()]);`,
  );
  expect(states).toEqual([["starting"], []]);
});

test("what is only reused is not given back: it is somebody else's", async () => {
  await using world = new World();
  const port = await world.acquire("--service", "web");
  const code = `{ await using claim = await acquire("web", { reuse: true }); print(claim.port); }`;
  expect(await use(world, code)).toBe(port);
  expect((await world.list()).map((claim) => claim.port)).toEqual([port]);
});

test("a port that is another's by now is not given back", async () => {
  await using world = new World();
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
  child.stdin.write("go on\n");
  child.stdin.end();
  expect(await child.exited).toBe(0);
  expect((await world.claim(port))?.service).toBe("other");
});

test("a program that waits for the lock goes on with its other work", async () => {
  await using world = new World({ PORTCLAIM_LOCK_TIMEOUT: "30s" });
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

test("a refusal says why, for programs too", async () => {
  await using world = new World();
  const port = await world.acquire("--service", "web");
  const code = `const refused = await acquire("api", { prefer: ${port}, exact: true }).catch((e) => e);
    print([refused.name, refused.reason.code, refused.reason.port]);`;
  expect(await use(world, code)).toEqual(["RegistryError", "port-taken", port]);
});

test("a lock timeout that is none is refused", async () => {
  await using world = new World();
  const code = `print(await acquire("web").catch((error) => error.message));`;
  expect(await use(world, code, { PORTCLAIM_LOCK_TIMEOUT: "soon" })).toStartWith(
    'PORTCLAIM_LOCK_TIMEOUT is not a duration: "soon"',
  );
});
