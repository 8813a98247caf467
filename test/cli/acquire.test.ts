import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { variablesFor } from "../../cli/parse/request.ts";
import { variableFor } from "../../registry/values/variable.ts";
import { freePort, PORTCLAIM, World } from "../harness.ts";

test("prints only the port, whatever stdout is", async () => {
  await using world = new World();
  const { code, out, err } = await world.run(["acquire", "--service", "web"]);
  expect(err).toBe("");
  expect(out).toMatch(/^\d+\n$/);
  expect(code).toBe(0);
});

test("a shell can put the port into a variable, and use it in a word", async () => {
  await using world = new World();
  const script = 'PORT=$("$@" acquire --service web) && echo "next dev --port $PORT"';
  const { out } = await world.exec(["sh", "-c", script, "sh", ...PORTCLAIM]);
  expect(out).toMatch(/^next dev --port \d+\n$/);
});

test("with --json prints the claim, and how it was made", async () => {
  await using world = new World();
  const { out } = await world.run(["acquire", "--service", "web", "--json"]);
  const claim = JSON.parse(out);
  expect(claim).toMatchObject({ service: "web", project: "my-app", how: "new", cwd: world.cwd });
  expect({ ...claim, how: undefined, url: undefined }).toEqual({
    ...(await world.claim(claim.port)),
    how: undefined,
  } as never);
  const { out: again } = await world.run(["acquire", "--service", "web", "--reuse", "--json"]);
  expect(JSON.parse(again)).toEqual({ ...claim, how: "reused" });
});

describe("several services", () => {
  const three = ["--service", "web", "--service", "next-dev", "--service", "9p"];

  test("are a line each, in order", async () => {
    await using world = new World();
    const { out } = await world.run(["acquire", ...three]);
    const claims = await world.list();
    const services = out
      .trim()
      .split("\n")
      .map((port) => claims.find((claim) => claim.port === Number(port))?.service);
    expect(services).toEqual(["web", "next-dev", "9p"]);
  });

  test("are an array with --json", async () => {
    await using world = new World();
    const { out } = await world.run(["acquire", ...three, "--json"]);
    expect(JSON.parse(out)).toMatchObject([
      { service: "web" },
      { service: "next-dev" },
      { service: "9p" },
    ]);
  });

  test("are variables that a shell takes with --format env", async () => {
    await using world = new World();
    const script = 'eval "$("$@")" && echo "$WEB_PORT $NEXT_DEV_PORT $_9P_PORT"';
    const command = [...PORTCLAIM, "acquire", ...three, "--format", "env"];
    const { out, err } = await world.exec(["sh", "-c", script, "sh", ...command]);
    expect(err).toBe("");
    const ports = (await world.list()).map(({ port }) => port);
    expect(out.trim().split(" ").map(Number).toSorted()).toEqual(ports.toSorted());
  });

  test("that would share a variable are refused before anything is claimed", async () => {
    await using world = new World();
    const args = ["acquire", "--service", "a-b", "--service", "a_b", "--format", "env"];
    const { code, err } = await world.run(args);
    expect(err).toContain("several services would set A_B_PORT");
    expect(code).toBe(2);
    expect(await world.list()).toEqual([]);
  });

  test("are claimed together or not at all", async () => {
    const port = await freePort();
    await using world = new World();
    await world.run(["init"]);
    writeFileSync(`${world.home}/config.toml`, `[pool]\nrange = "${port}-${port}"\n`);
    expect(await world.run(["acquire", ...three])).toMatchObject({ code: 3, out: "" });
    expect(await world.list()).toEqual([]);
    expect(await world.acquire("--service", "web")).toBe(port);
  });
});

test.each([
  ["web", "WEB_PORT"],
  ["next-dev", "NEXT_DEV_PORT"],
  ["my  app!!", "MY_APP__PORT"],
  ["9p", "_9P_PORT"],
  ["über", "_BER_PORT"],
  ["🐢", "__PORT"],
])("the variable of %p is %s, a valid name in a shell", (service, name) => {
  expect(variableFor(service)).toBe(name);
  expect(name).toMatch(/^[A-Z_][A-Z0-9_]*$/);
});

test("names without letters or digits can't be told apart as variables", () => {
  expect(() => variablesFor(["🐢", "🐇"])).toThrow("several services would set __PORT");
});

describe("the agent is", () => {
  test.each([
    ["the one that is named", { CLAUDECODE: "1", PORTCLAIM_AGENT: "mine" }, ["--agent", "x"], "x"],
    ["that of PORTCLAIM_AGENT", { CLAUDECODE: "1", PORTCLAIM_AGENT: "mine" }, [], "mine"],
    ["known by its own variable", { CLAUDECODE: "1" }, [], "claude-code"],
    ["no agent", { CLAUDECODE: "" }, [], null],
  ])("%s", async (_, env, args, agent) => {
    await using world = new World();
    const { out } = await world.run(["acquire", "--service", "web", "--json", ...args], { env });
    expect(JSON.parse(out).agent).toBe(agent);
  });
});

test("the project is the directory's name, unless --project is given", async () => {
  await using world = new World();
  await world.acquire("--service", "web");
  await world.acquire("--service", "web", "--project", "Ünser Shop 🐢");
  expect((await world.list()).map(({ project }) => project)).toEqual(["my-app", "Ünser Shop 🐢"]);
});

test("a directory that was removed is an error, not a claim", async () => {
  await using world = new World();
  const script = 'mkdir gone && cd gone && rmdir ../gone && "$@" acquire --service web';
  const { code, out, err } = await world.exec(["sh", "-c", script, "sh", ...PORTCLAIM]);
  expect(out).toBe("");
  expect(err).not.toContain("please report this");
  expect(code).toBe(1);
});

describe("coming back", () => {
  test("gives a service the port that it had, once its owner has exited", async () => {
    await using world = new World();
    await world.acquire("--service", "first");
    const owner = world.spawn(["sleep", "60"]);
    const port = await world.acquire("--service", "web", "--pid", String(owner.pid));
    owner.kill("SIGKILL");
    await owner.exited;
    await world.run(["release", "--service", "first"]);
    expect(await world.acquire("--service", "web")).toBe(port);
  });

  test("doesn't fail if the file with the last ports is corrupt", async () => {
    await using world = new World();
    const port = await world.acquire("--service", "web");
    writeFileSync(`${world.home}/last-ports.json`, '{"half');
    expect(await world.acquire("--service", "web")).not.toBe(port);
    expect(JSON.parse(readFileSync(`${world.home}/last-ports.json`, "utf8"))).toBeObject();
  });
});

test("asking again from another throwaway shell gives the same port", async () => {
  await using world = new World();
  const ask = () =>
    world.exec([
      "setsid",
      "sh",
      "-c",
      '"$@"; :',
      "sh",
      ...PORTCLAIM,
      "acquire",
      "--service",
      "web",
    ]);
  const [first, second] = [await ask(), await ask()];
  expect(first.out).toMatch(/^\d+\n$/);
  expect(second).toEqual(first);
  await world.listen(Number(first.out));
  expect((await ask()).out).not.toBe(first.out);
});

test("--exact says who claims the port", async () => {
  await using world = new World({ PORTCLAIM_AGENT: "codex" });
  const port = String(await world.acquire("--service", "api", "--project", "shop"));
  const { err } = await world.run(["acquire", "--service", "web", "--prefer", port, "--exact"]);
  expect(err).toMatch(
    new RegExp(
      `^portclaim: port ${port} is claimed by codex, .* \\(pid ${process.pid}\\), for "api" in shop \\(starting, claimed \\d+s ago\\)\n`,
    ),
  );
});

test("a preferred port in use is reported with its user, and another is granted", async () => {
  await using world = new World();
  const port = await world.listen();
  const { code, out, err } = await world.run([
    "acquire",
    "--service",
    "web",
    "--prefer",
    `${port}`,
  ]);
  expect(err).toContain(`port ${port}`);
  expect(err).toContain(`(pid ${process.pid}); got ${out}`);
  expect(code).toBe(0);
});
