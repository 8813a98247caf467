import { describe, expect, test } from "bun:test";
import { freePort, PORTCLAIM, until } from "../../harness.ts";
import { serving, Stage } from "../servers.ts";

async function occupied() {
  const stage = new Stage();
  const port = await stage.claimed(stage.owner());
  stage.start(serving(port), stage.directory("foreign"));
  await stage.listening(port);
  return { stage, port };
}

describe("a claim on whose port only another's server listens", () => {
  test("is occupied, and the server is named as foreign", async () => {
    const { stage, port } = await occupied();
    await using _ = stage;
    const claim = await stage.web();
    expect(claim).toMatchObject({ port, state: "occupied" });
    expect(claim?.foreign).toHaveLength(1);
    expect(claim?.foreign?.[0]?.command).toContain("python3");
  });

  test("isn't a server to wait for", async () => {
    const { stage } = await occupied();
    await using _ = stage;
    const { code, err } = await stage.run(["wait", "web", "--timeout", "300ms"]);
    expect(code).toBe(1);
    expect(err).toContain("another process listens on it");
  });

  test("is a warning from doctor, which leaves both alone", async () => {
    const { stage, port } = await occupied();
    await using _ = stage;
    const { out } = await stage.run(["doctor", "--json"]);
    const checks = JSON.parse(out) as { port?: number; status: string; message: string }[];
    expect(checks).toContainEqual(expect.objectContaining({ port, status: "warning" }));
    expect(await stage.web()).toMatchObject({ state: "occupied" });
  });

  test("keeps its port from others", async () => {
    const { stage, port } = await occupied();
    await using _ = stage;
    const asked = ["acquire", "api", "--prefer", `${port}`, "--exact"];
    expect(await stage.run(asked)).toMatchObject({ code: 3, out: "" });
  });

  test("isn't stopped by its service's name without --force", async () => {
    const { stage, port } = await occupied();
    await using _ = stage;
    const { code, err } = await stage.run(["stop", "web", "--json"]);
    expect([code, JSON.parse(err).error.code]).toEqual([1, "not-covered"]);
    await stage.listening(port);
  });
});

describe("a claim whose owner exited, on whose port only another's server listens", () => {
  test("is dead, and no answer", async () => {
    await using stage = new Stage();
    const owner = stage.spawn(["sleep", "1000"]);
    const port = await stage.claimed(owner.pid);
    owner.kill("SIGKILL");
    await owner.exited;
    stage.start(serving(port), stage.directory("foreign"));
    await stage.listening(port);
    expect(await stage.web()).toMatchObject({ state: "dead" });
    const find = await stage.run(["find", "web"]);
    const url = await stage.run(["url", "web"]);
    const wait = await stage.run(["wait", "web", "--timeout", "100ms"]);
    expect([find.out, url.out, find.code, url.code, wait.code]).toEqual(["", "", 4, 4, 1]);
    const { out } = await stage.run(["reap", "--dry-run", "--json"]);
    const reason = expect.stringMatching(/has exited, and another process listens on the port$/);
    expect(JSON.parse(out)).toMatchObject([{ action: "reaped", reason }]);
    expect((await stage.run(["stop", `${port}`])).code).toBe(1);
    const stop = await stage.run(["stop", "web", "--json"]);
    expect(JSON.parse(stop.out)).toMatchObject({ ended: [], foreign: [{}], released: true });
    await stage.listening(port);
  });

  test("is removed by stop, which ends its server", async () => {
    await using stage = new Stage();
    const port = await freePort();
    const name = ["web", "--prefer", `${port}`, "--exact"];
    const server = stage.spawn([...PORTCLAIM, "run", ...name, "--", "sleep", "1000"]);
    await until("it is claimed", () => stage.claim(port));
    stage.start(serving(port), stage.directory("foreign"));
    await stage.listening(port);
    const { out } = await stage.run(["stop", "web", "--json"]);
    expect(JSON.parse(out)).toMatchObject({ ended: [{ pid: server.pid }], released: true });
    expect(await stage.web()).toBeUndefined();
    await stage.listening(port);
  });
});

describe("a server belongs to the claim", () => {
  test("if it runs in the claim's directory, no matter what started it", async () => {
    await using stage = new Stage();
    const port = await stage.claimed(stage.owner());
    stage.start(serving(port));
    await stage.listening(port);
    expect(await stage.web()).toMatchObject({ state: "listening" });
  });

  test("if it was started by run, though it left its parent, session and directory", async () => {
    await using stage = new Stage();
    const port = await freePort();
    const daemon = `cd / && setsid ${serving("$PORT").join(" ")} & wait`;
    stage.serve(["web", "--prefer", `${port}`], ["sh", "-c", daemon]);
    await stage.listening(port);
    expect(await stage.web()).toMatchObject({ port, state: "listening" });
  });

  test("but not if it carries the mark of another claim", async () => {
    await using stage = new Stage();
    const port = await stage.claimed(stage.owner());
    const other = await freePort();
    const script = `cd ${stage.directory("foreign")} && exec ${serving(port).join(" ")}`;
    stage.serve(["api", "--prefer", `${other}`], ["sh", "-c", script]);
    await stage.listening(port);
    expect(await stage.web()).toMatchObject({ state: "occupied" });
  });
});

test("marks and sessions are in the claim file, and never shown", async () => {
  await using stage = new Stage({ CLAUDECODE: "1", CLAUDE_CODE_SESSION_ID: "secret-session" });
  const port = await freePort();
  stage.serve(["web", "--prefer", `${port}`], serving("{port}"));
  await stage.listening(port);
  const mark = await until("it is claimed", async () => (await stage.claim(port))?.owner?.mark);
  for (const args of [["list"], ["who", `${port}`], ["find", "web", "--json"], ["doctor"]]) {
    const { out, err } = await stage.run([...args, "--json"].slice(0, args.length + 1));
    expect([args, out + err]).toEqual([args, expect.not.stringContaining(String(mark))]);
    expect(out + err).not.toContain("secret-session");
  }
});
