import { describe, expect, test } from "bun:test";
import * as bun from "../../lib/index.ts";
import * as node from "../../lib/node.ts";
import { ROOT, script, until } from "../harness.ts";
import { PoolWorld } from "../pool.ts";
import { RUNTIMES, use } from "./runtimes.ts";

test("the library is the same on Bun and on Node", () => {
  node satisfies Pick<typeof bun, keyof typeof node>;
  bun satisfies Pick<typeof node, keyof typeof bun>;
  expect(Object.keys(node).toSorted()).toEqual(Object.keys(bun).toSorted());
});

describe.each(Object.entries(RUNTIMES))("on %s", (_name, runtime) => {
  test.each(["await acquire", "acquireSync"])(
    "%s claims a port for this process, with the options given",
    async (acquire) => {
      await using world = new PoolWorld({ CLAUDECODE: "1" });
      const code = `const { owner, claimed_at, ...claim } = ${acquire}("web", { lease: "persistent" });
        print({ ...claim, mine: claim.pid === process.pid });`;
      const claim = (await use(world, runtime, code)) as { port: number };
      expect(claim).toMatchObject({
        service: "web",
        project: "my-app",
        cwd: world.cwd,
        agent: "claude-code",
        lease: "persistent",
        mine: true,
        how: "new",
        url: `http://localhost:${claim.port}`,
      });
    },
  );

  test("all options of acquire are those of the command", async () => {
    await using world = new PoolWorld();
    const port = world.ports.next();
    const options = {
      project: "shop",
      prefer: port,
      exact: true,
      agent: "me",
      cwd: world.path("tmp"),
    };
    const code = `const { reuse, ...claim } = await acquire("-web", ${JSON.stringify(options)});
      print([claim, acquireSync("-web", { ...${JSON.stringify(options)}, exact: false, reuse: true })]);`;
    const found = { service: "-web", port, project: "shop", agent: "me", cwd: world.path("tmp") };
    expect(await use(world, runtime, code)).toMatchObject([
      { ...found, how: "new" },
      { ...found, how: "reused" },
    ]);
  });

  test("a claim is released at the end of its scope", async () => {
    await using world = new PoolWorld();
    const code = `const asynchronous = await acquire("web");
      const synchronous = acquireSync("api");
      const states = (await list()).map(({ service, state }) => service + " " + state).sort();
      await asynchronous[Symbol.asyncDispose]();
      synchronous[Symbol.dispose]();
      synchronous[Symbol.dispose]();
      print([states, await list()]);`;
    expect(await use(world, runtime, code)).toEqual([["api starting", "web starting"], []]);
  });

  test("a reused claim is not released, because it is another owner's", async () => {
    await using world = new PoolWorld();
    const port = await world.acquire("web");
    const code = `const claim = await acquire("web", { reuse: true });
      await claim[Symbol.asyncDispose]();
      claim[Symbol.dispose]();
      print(claim.port);`;
    expect(await use(world, runtime, code)).toBe(port);
    expect((await world.list()).map((claim) => claim.port)).toEqual([port]);
  });

  test("a port that was released and claimed again is not released by the first scope", async () => {
    await using world = new PoolWorld();
    const code = `const first = await acquire("web");
      await release(first.port);
      const second = await acquire("other", { prefer: first.port });
      first[Symbol.dispose]();
      await first[Symbol.asyncDispose]();
      print([second.port === first.port, (await list()).map(({ service }) => service)]);`;
    expect(await use(world, runtime, code)).toEqual([true, ["other"]]);
  });

  test("find returns a claim with its state, or undefined", async () => {
    await using world = new PoolWorld();
    const port = await world.acquire("web");
    const code = `const { port, state, url } = await find("web");
      print([port, state, url, findSync("web").port, await find("api"), findSync("api"),
        (await find("web", { cwd: ${JSON.stringify(world.path("tmp"))} })).port]);`;
    const url = `http://localhost:${port}`;
    expect(await use(world, runtime, code)).toEqual([
      port,
      "starting",
      url,
      port,
      null,
      null,
      port,
    ]);
  });

  test("release removes what is named, and refuses another's claim without force", async () => {
    await using world = new PoolWorld();
    const port = await world.listen();
    await world.acquire("theirs", "--prefer", String(port), "--pid", String(process.pid));
    const code = `await acquire("web");
      await acquire("api", { project: "shop" });
      const refused = await release(${port}).catch((error) => error);
      print([
        refused.code, refused.holder.port, refused.holder.claim.service,
        (await release({ service: "web" })).length,
        (await release({ project: "shop" })).length,
        (await release(${port}, { force: true })).length,
        await release(${port}).catch((error) => error.code),
      ]);`;
    const answers = ["not-owner", port, "theirs", 1, 1, 1, "not-found"];
    expect(await use(world, runtime, code)).toEqual(answers);
  });

  test("an error has a code, a hint and the holder of the port", async () => {
    await using world = new PoolWorld();
    const port = await world.acquire("web");
    const code = `const options = { prefer: ${port}, exact: true };
      const error = await acquire("api", options).catch((error) => error);
      let same;
      try { acquireSync("api", options); } catch (error) { same = error; }
      const messageOf = ({ message }) => message.replace(/claimed \\d+s ago/, "claimed");
      print([error, same].map((error) => [error instanceof PortclaimError, error.name, messageOf(error),
        error.code, error.hint, error.holder.port, error.holder.claim.service]));`;
    const [error, same] = (await use(world, runtime, code)) as unknown[][];
    expect(same).toEqual(error ?? []);
    expect(error).toEqual([
      true,
      "PortclaimError",
      expect.stringContaining(`port ${port} is `),
      "port-taken",
      expect.stringContaining("leave out --exact"),
      port,
      "web",
    ]);
  });

  test("an invalid value is refused and writes no claim", async () => {
    await using world = new PoolWorld();
    const values = `[
      ["", {}], ["a/b", {}], [7, {}], [undefined, {}],
      ["web", { prefer: NaN }], ["web", { prefer: 0 }], ["web", { prefer: 70000 }],
      ["web", { prefer: 24010.5 }], ["web", { prefer: "24011" }], ["web", { exact: true }],
      ["web", { lease: "forever" }], ["web", { cwd: "./sub" }], ["web", { cwd: "" }], ["web", { cwd: 5 }], ["web", { cwd: "/a\\0b" }], ["web", { cwd: "/etc/passwd" }], ["web", { cwd: "/no/such" }], ["web", { reuse: "no" }], ["web", { exact: "yes" }], ["web", { project: "" }],
    ]`;
    const code = `const codes = [];
      for (const [service, options] of ${values}) {
        codes.push(await acquire(service, options).then(() => "claimed", (error) => error.code));
        try { acquireSync(service, options); codes.push("claimed"); } catch ({ code }) { codes.push(code); }
      }
      print([[...new Set(codes)], await list()]);`;
    expect(await use(world, runtime, code)).toEqual([["invalid"], []]);
  });

  test("an invalid port, name or directory of the other calls is refused", async () => {
    await using world = new PoolWorld();
    const code = `const codes = [];
      for (const call of [
        () => find(""), () => find("web", { cwd: "." }), () => find("web", { project: "a/b" }),
        () => list({ service: "" }), () => release(70000), () => release(NaN), () => release(-1),
        () => release({ service: "" }), () => release({ project: 7 }), () => release(3000, { cwd: "" }),
        () => find(), () => release("3000"), () => release(null), () => release(3000, { force: "no" }),
      ]) codes.push(await call().then(() => "done", (error) => error.code));
      try { findSync("/"); } catch ({ code }) { codes.push(code); }
      print(codes);`;
    expect(await use(world, runtime, code)).toEqual(Array.from({ length: 15 }, () => "invalid"));
  });

  test("a release that names nothing is refused and releases nothing", async () => {
    await using world = new PoolWorld();
    const code = `await acquire("web");
      const refused = [];
      for (const target of [{}, { service: undefined }, { agent: "codex" }, []])
        refused.push(await release(target).then(() => "done", (error) => error.code));
      print([...refused, (await list()).length]);`;
    expect(await use(world, runtime, code)).toEqual([...Array(4).fill("invalid"), 1]);
  });

  test("a directory is known by its real path, however it is written", async () => {
    await using world = new PoolWorld();
    const code = `process.getBuiltinModule("node:fs").symlinkSync(process.cwd(), process.cwd() + "-link");
      const here = process.cwd();
      const ways = [here + "/", here + "/../" + here.split("/").at(-1), "/" + here, here + "-link"];
      const cwds = [];
      for (const cwd of ways) cwds.push((await acquire("web", { cwd })).cwd, (await find("web", { cwd })).cwd);
      print([...new Set(cwds)].map((cwd) => cwd === here));`;
    expect(await use(world, runtime, code)).toEqual([true]);
  });

  test("a claim has the same fields, whatever else is given or runs", async () => {
    await using world = new PoolWorld();
    const port = await world.listen();
    await world.acquire("web", "--prefer", String(port), "--pid", String(process.pid));
    const code = `const options = { agent: null, project: undefined, cwd: undefined, port: 7, others: true };
      print(Object.keys(await acquire("web", options)).sort());`;
    const names = "agent claimed_at cwd how lease owner pid port project service url";
    expect(await use(world, runtime, code)).toEqual(names.split(" "));
  });

  test("an invalid lock timeout is refused", async () => {
    await using world = new PoolWorld();
    const code = `print(await acquire("web").catch(({ code, message }) => [code, message]));`;
    const env = { PORTCLAIM_LOCK_TIMEOUT: "soon" };
    expect(await use(world, runtime, code, env)).toEqual([
      "invalid",
      expect.stringContaining("PORTCLAIM_LOCK_TIMEOUT"),
    ]);
  });

  test("a broken config stops acquire alone", async () => {
    await using world = new PoolWorld();
    await Bun.write(`${world.home}/config.toml`, "[pool]\nrange = 7\n");
    const code = `print([await acquire("web").catch(({ code }) => code), await list(), await find("web")]);`;
    expect(await use(world, runtime, code)).toEqual(["config", [], null]);
  });

  test("a claim ends with its process", async () => {
    await using world = new PoolWorld();
    const code = `print((await acquire("web")).port);`;
    await use(world, runtime, code);
    expect(await world.list()).toMatchObject([{ state: "dead" }]);
  });
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

test.each(Object.entries(RUNTIMES))(
  "on %s, a program that waits for the lock keeps doing its other work",
  async (_name, runtime) => {
    await using world = new PoolWorld({ PORTCLAIM_LOCK_TIMEOUT: "30s" });
    await world.run(["init"]);
    await world.exec(["touch", `${world.home}/.lock`]);
    const holder = world.spawn([
      "flock",
      `${world.home}/.lock`,
      "sh",
      "-c",
      "echo held; read line",
    ]);
    await until("the lock is held", async () => (await holder.stdout.getReader().read()).value);
    const code = `let ticks = 0;
      const timer = setInterval(() => { if (++ticks === 20) console.log("ticked"); }, 1);
      await acquire("web");
      clearInterval(timer);
      console.log("acquired");`;
    const child = world.spawn(await runtime(world, code));
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe("ticked\n");
    holder.stdin.write("\n");
    holder.stdin.end();
    expect((await reader.read()).value).toBe("acquired\n");
  },
);

test("without a program for this platform, an error says what to install", async () => {
  await using world = new PoolWorld();
  await use(world, RUNTIMES["Node, ESM"]!, "print(1)");
  await world.exec(["rm", "-r", `${world.cwd}/node_modules/@portclaim`]);
  const code = `import { acquire } from "portclaim"; await acquire("web").catch(({ message }) => console.log(message));`;
  const { out } = await world.exec(["node", world.write("my-app/program.mjs", code)]);
  expect(out).toContain("install portclaim with its optional dependencies");
});
