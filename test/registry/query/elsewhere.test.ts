import { describe, expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { freePort, until } from "../../harness.ts";
import { accepts, serving, Stage } from "../servers.ts";

async function strayed(flags: string[] = []) {
  const stage = new Stage();
  const [port, other] = [await freePort(), await freePort()];
  stage.serve(["web", "--prefer", `${port}`, ...flags], serving(other));
  await stage.listening(other);
  return { stage, port, other };
}

describe("a server that listens on another port than the claimed one", () => {
  test("is reported by doctor at once", async () => {
    const { stage, port, other } = await strayed();
    await using _ = stage;
    const { out } = await stage.run(["doctor", "--json"]);
    const checks = JSON.parse(out) as { check: string; message: string }[];
    const warning = checks.find(({ check }) => check === "server");
    expect(warning?.message).toContain(`listens on ${other}, not on ${port}`);
  });

  test("is reported by list and who once it has run for some seconds", async () => {
    const { stage, port, other } = await strayed();
    await using _ = stage;
    const found = await until("list says so", async () => (await stage.web())?.elsewhere?.[0]);
    expect(found).toMatchObject({ port: other, command: expect.stringContaining("python3") });
    expect((await stage.run(["who", `${port}`, "--text"])).out).toContain(`${other}`);
  });

  test("is stopped with its claim's name", async () => {
    const { stage, other } = await strayed();
    await using _ = stage;
    await until("list says so", async () => (await stage.web())?.elsewhere?.[0]);
    const { code, out } = await stage.run(["stop", "web", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ended: [{ signal: "SIGTERM" }], released: true });
    expect(await accepts(other)).toBe(false);
  });
});

test("a server that listens elsewhere is the one that is meant, beside other claims of its directory", async () => {
  await using stage = new Stage();
  const [port, other] = [await freePort(), await freePort()];
  const own = ["--pid", `${process.pid}`];
  // The server descends from this claim's owner too, and works in its directory.
  await stage.acquire("api", ...own);
  stage.serve(["web", "--prefer", `${port}`], serving(other));
  await stage.listening(other);
  await until("list says so", async () => (await stage.web())?.elsewhere);
  const again = await stage.run(["acquire", "web", "db", ...own, "--json"]);
  expect(again.err).toContain(`already listens on ${other} (`);
  const [web, db] = JSON.parse(again.out) as { others?: object[] }[];
  expect([web?.others, db?.others]).toMatchObject([[{ port: other, service: "web" }], undefined]);
  const say = async (...args: string[]) => (await stage.run(args)).out.trim();
  expect(await say("find", "web")).toBe(`${port}`);
  expect(await say("url", "web")).toBe(`http://localhost:${other}`);
  const reused = await stage.run(["acquire", "web", "--reuse"]);
  expect(reused.out).toBe(`${port}\n`);
  expect(reused.err).toContain(`web listens on ${other}, not on ${port}`);
  expect(JSON.parse(await say("stop", "web", "--json"))).toMatchObject({ port });
  expect(await accepts(other)).toBe(false);
});

test("a server that moved to a port claimed for another one is reported and stopped", async () => {
  await using stage = new Stage();
  const [port, other] = [await freePort(), await freePort()];
  const elsewhere = stage.directory("another");
  const pid = ["--pid", `${stage.owner()}`];
  await stage.run(["acquire", "api", "--prefer", `${other}`, ...pid], { cwd: elsewhere });
  const supervised = `${serving(other).join(" ")}; true`;
  stage.serve(["web", "--prefer", `${port}`], ["sh", "-c", supervised]);
  await stage.listening(other);
  const found = await until("list says so", async () => (await stage.web())?.elsewhere);
  expect(found).toMatchObject([{ port: other }]);
  const { out } = await stage.run(["stop", "web", "--json"]);
  expect(JSON.parse(out)).toMatchObject({
    ended: [{ signal: "SIGTERM" }],
    also: [],
    released: true,
  });
  expect(await accepts(other)).toBe(false);
  expect((await stage.list()).map(({ service }) => service)).toEqual(["api"]);
});

test("a server that run started, and whose claim was released, is no other claim's", async () => {
  await using stage = new Stage();
  const other = await freePort();
  await stage.acquire("web", "--pid", `${stage.owner()}`);
  stage.serve(["api"], serving(other));
  await stage.listening(other);
  expect((await stage.run(["release", "api", "--force"])).code).toBe(0);
  const { code, out } = await stage.run(["doctor", "--json"]);
  expect([code, out.includes(`listens on ${other}`)]).toEqual([0, false]);
});

/** A command below a program of this name. */
const below = (stage: Stage, name: string, command: string[]) => {
  symlinkSync("/bin/sh", stage.path(name));
  return [stage.path(name), "-c", `${command.join(" ")}; true`];
};
const inSession = (id: string, command: string[]) => [
  "env",
  `CLAUDE_CODE_SESSION_ID=${id}`,
  ...command,
];

describe("a server in the directory of a claim that waits for one", () => {
  const isFound = async (
    owner: { program: string; env: Record<string, string> },
    start: (stage: Stage, command: string[]) => string[],
  ) => {
    await using stage = new Stage();
    const [port, other] = [await freePort(), await freePort()];
    symlinkSync("/bin/sleep", stage.path(owner.program));
    const { pid } = stage.spawn([stage.path(owner.program), "1000"]);
    const own = ["--prefer", `${port}`, "--pid", `${pid}`];
    await stage.run(["acquire", "web", ...own], { env: owner.env });
    stage.start(start(stage, serving(other)));
    await stage.listening(other);
    const { code, out } = await stage.run(["doctor", "--json"]);
    expect(code).toBe(0);
    return out.includes(`listens on ${other}`);
  };

  test.each<[string, boolean, (stage: Stage, command: string[]) => string[]]>([
    // Not below whatever the tests run in.
    ["is the claim's", true, (_, command) => ["setsid", "--fork", ...command]],
    [
      "is not if another agent has started it",
      false,
      (stage, command) => below(stage, "codex", command),
    ],
    [
      "is not if it carries the session of another agent, which may have exited",
      false,
      (_, command) => inSession("session-2", command),
    ],
    [
      "is not if it carries the variables of another agent, which may have exited",
      false,
      (_, command) => ["env", "GEMINI_CLI=1", "setsid", "--fork", ...command],
    ],
    [
      "is the claim's in tmux if it carries the session of the claim's agent",
      true,
      (stage, command) => below(stage, "tmux", inSession("session-1", command)),
    ],
  ])("%s", async (_, isOwn, start) => {
    const env = { CLAUDE_CODE_SESSION_ID: "session-1" };
    expect(await isFound({ program: "claude", env }, start)).toBe(isOwn);
  });

  test.each([
    ["is the claim's if its agent claimed it without saying its session", "claude", true],
    ["is not if a person made the claim and the server carries an agent's session", "login", false],
  ])("%s", async (_, program, isOwn) => {
    const found = isFound({ program, env: {} }, (_stage, command) =>
      inSession("session-2", ["setsid", "--fork", ...command]),
    );
    expect(await found).toBe(isOwn);
  });
});

test("a server on its own port has none elsewhere, whatever else it opens", async () => {
  await using stage = new Stage();
  const [port, other] = [await freePort(), await freePort()];
  const both = `${serving("$PORT").join(" ")} & exec ${serving(other).join(" ")}`;
  stage.serve(["web", "--prefer", `${port}`], ["sh", "-c", both]);
  await Promise.all([stage.listening(port), stage.listening(other)]);
  const { out } = await stage.run(["doctor", "--json"]);
  expect(out).not.toContain(`listens on ${other}`);
  expect(await stage.web()).toMatchObject({ state: "listening" });
});
