import { beforeAll, describe, expect, test } from "bun:test";
import { Agent } from "../../agent.ts";
import { until } from "../../harness.ts";
import { buildBinary } from "../../shell-sandbox.ts";
import { accepts, hasEnded, Stage } from "../../stage.ts";
import { Terminal } from "../../terminal.ts";

beforeAll(buildBinary);

const DETACHED = { detached: true };

interface Stopped {
  port: number;
  service: string | null;
  ended: { pid: number; command: string; signal: string }[];
}

/** An agent in a directory that has a server of its own there, started in a throwaway shell. */
async function rivalsServer(stage: Stage, directory = "rival", env = "") {
  const agent = await Agent.start(stage);
  const acquire = `cd ${stage.project(directory)} && PORT=$(portclaim acquire --service web)`;
  const line = `${acquire}; echo $PORT; ${env} ${stage.serve} $PORT > /dev/null 2>&1 &`;
  const { out } = await agent.exec(["bash", "-c", line], DETACHED);
  const port = Number(out);
  await until("it listens", () => accepts(port));
  return { agent, port, pid: await stage.listener(port) };
}

test("another owner's server is refused, and whose it is is said", async () => {
  await using stage = new Stage();
  const { agent, port, pid } = await rivalsServer(stage);
  const { code, out, err } = await stage.portclaim("stop", `${port}`);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  const { error } = JSON.parse(err) as { error: { code: string; message: string } };
  expect(error.code).toBe("not-owner");
  expect(error.message).toContain(`pid ${agent.pid}`);
  expect(error.message).toContain('for "web" of rival');
  expect(error.message).toContain(stage.path("rival"));
  expect(hasEnded(pid)).toBe(false);

  await using terminal = new Terminal(stage, ["portclaim", "stop", `${port}`]);
  expect(await terminal.child.exited).toBe(1);
  await terminal.shows(`Cannot stop ${port}: it is claimed by`);
  expect(hasEnded(pid)).toBe(false);
});

test("one's own is ended with TERM, and the claim stays", async () => {
  await using stage = new Stage();
  const port = await stage.acquire("--service", "web");
  const pid = await stage.start(port);
  const stopped = await stage.json<Stopped>("stop", "--service", "web");
  expect(stopped).toMatchObject({ port, service: "web", ended: [{ pid, signal: "SIGTERM" }] });
  await until("it is gone", () => hasEnded(pid));
  expect(await stage.state(port)).toBe("starting");
  expect(await stage.acquire("--service", "mine", "--prefer", `${port}`)).not.toBe(port);
});

test("the server of another owner in the same directory is one's own", async () => {
  await using stage = new Stage();
  const { agent, port, pid } = await rivalsServer(stage, "my-app");
  expect(await stage.json<Stopped>("stop", `${port}`)).toMatchObject({ ended: [{ pid }] });
  await until("it is gone", () => hasEnded(pid));
  expect(hasEnded(agent.pid)).toBe(false);
});

test("the server of the same owner in another directory is one's own", async () => {
  await using stage = new Stage();
  const { agent, port, pid } = await rivalsServer(stage);
  const { out, code } = await agent.exec(["bash", "-c", `portclaim stop ${port}`], DETACHED);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ port, ended: [{ pid, signal: "SIGTERM" }] });
  await until("it is gone", () => hasEnded(pid));
});

test("--force ends another's, and says what it did", async () => {
  await using stage = new Stage();
  const { agent, port, pid } = await rivalsServer(stage);
  await using terminal = new Terminal(stage, ["portclaim", "stop", `${port}`, "--force"]);
  expect(await terminal.child.exited).toBe(0);
  const shown = await terminal.shows(/stopped/);
  expect(shown).toMatch(new RegExp(`stopped bun.* \\(pid ${pid}\\) on ${port} with SIGTERM`));
  await until("it is gone", () => hasEnded(pid));
  expect(hasEnded(agent.pid)).toBe(false);
});

test("what shrugs TERM off is killed after the timeout, and that is said", async () => {
  await using stage = new Stage();
  const port = await stage.acquire("--service", "web");
  const pid = await stage.start(port, { STUBBORN: "1" });
  const started = performance.now();
  const { ended } = await stage.json<Stopped>("stop", `${port}`, "--timeout", "300ms");
  expect(performance.now() - started).toBeGreaterThan(300);
  expect(ended).toMatchObject([{ pid, signal: "SIGKILL" }]);
  expect(hasEnded(pid)).toBe(true);
});

test("all that listen on the port are ended, each as it must be", async () => {
  await using stage = new Stage();
  const port = await stage.acquire("--service", "web");
  const gentle = await stage.start(port);
  const command = [stage.bun, stage.server, `${port}`, "::1"];
  const stubborn = stage.spawn(command, { env: { ...stage.env, STUBBORN: "1" } });
  await until("it listens on ::1", () => accepts(port, "::1"));
  const { ended } = await stage.json<Stopped>("stop", `${port}`, "--timeout", "300ms");
  expect(Object.fromEntries(ended.map(({ pid, signal }) => [pid, signal]))).toEqual({
    [gentle]: "SIGTERM",
    [stubborn.pid]: "SIGKILL",
  });
  expect(await stubborn.exited).toBe(137);
});

describe("a listener that the claim doesn't cover", () => {
  test("is refused without --force", async () => {
    await using stage = new Stage();
    // The claim is another process's, in this directory; the stranger is neither's.
    const agent = await Agent.start(stage);
    const { out } = await agent.exec(["bash", "-c", "portclaim acquire --service web"], DETACHED);
    const port = Number(out);
    const stranger = await stage.start(port, {}, stage.project("stranger"));
    const { code, err } = await stage.portclaim("stop", `${port}`);
    expect(code).toBe(1);
    expect(err).toContain(`(pid ${stranger}) listens on it, which the claim doesn't cover`);
    expect(err).toContain("not-covered");
    expect(hasEnded(stranger)).toBe(false);

    const { ended } = await stage.json<Stopped>("stop", `${port}`, "--force");
    expect(ended).toMatchObject([{ pid: stranger, signal: "SIGTERM" }]);
    await until("it is gone", () => hasEnded(stranger));
  });

  test("is refused without --force where there is no claim at all", async () => {
    await using stage = new Stage();
    const port = await stage.acquire("--service", "web");
    await stage.portclaim("release", `${port}`);
    const pid = await stage.start(port);
    const { code, err } = await stage.portclaim("stop", `${port}`);
    expect(code).toBe(1);
    expect(err).toContain(`(pid ${pid}) listens on it without a claim`);
    expect(hasEnded(pid)).toBe(false);
    const stopped = await stage.json<Stopped>("stop", `${port}`, "--force");
    expect(stopped).toMatchObject({ service: null, ended: [{ pid, signal: "SIGTERM" }] });
  });
});

test.each([[[]], [["--force"]]])("a server that calls %j itself lives on", async (flags) => {
  await using stage = new Stage();
  const port = await stage.acquire("--service", "web");
  const script = stage.write(
    "my-app/suicidal.js",
    `Bun.serve({ port: ${port}, hostname: "127.0.0.1", fetch: () => new Response("alive") });
     const child = Bun.spawn(["sh", "-c", "portclaim stop ${port} ${flags.join(" ")}; exit $?"],
       { stdout: "inherit", stderr: "inherit" });
     console.log(await child.exited);`,
  );
  const server = stage.spawn([stage.bun, script]);
  const lines = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
  expect((await lines.read()).value).toBe("1\n");
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("alive");
  server.kill("SIGKILL");
  const err = await new Response(server.stderr).text();
  expect(err).toContain(`(pid ${server.pid}) listens on it, and this call comes from it`);
});

test("where nothing listens there is nothing to do, and where nobody claims neither", async () => {
  await using stage = new Stage();
  const port = await stage.acquire("--service", "web");
  const idle = await stage.portclaim("stop", `${port}`);
  expect(idle).toMatchObject({ code: 0, err: expect.stringContaining("nothing listens") });
  expect(JSON.parse(idle.out)).toEqual({ port, service: "web", ended: [] });
  await stage.portclaim("release", `${port}`);
  for (const target of [[`${port}`], ["--service", "web"]]) {
    expect(await stage.portclaim("stop", ...target)).toMatchObject({ code: 4, out: "" });
  }
  for (const target of [[], [`${port}`, "--service", "web"], ["0"], ["70000"]]) {
    expect(await stage.portclaim("stop", ...target)).toMatchObject({ code: 2, out: "" });
  }
});
