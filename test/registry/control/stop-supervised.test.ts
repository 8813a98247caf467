import { expect, test } from "bun:test";
import { freePort } from "../../harness.ts";
import { accepts, serving, Stage } from "../servers.ts";

/** A supervisor that starts its server again whenever it ends. */
const restarting = (command: string) => ["sh", "-c", `while :; do ${command}; done`];

test("a server ends together with the supervisor that would start it again", async () => {
  await using stage = new Stage();
  const port = await freePort();
  const loop = restarting(serving("$PORT").join(" "));
  const supervisor = stage.serve(["web", "--prefer", `${port}`], loop);
  await stage.listening(port);
  const { code, out } = await stage.run(["stop", "web", "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ port, ended: [{}], released: true });
  await supervisor.exited;
  expect(await accepts(port)).toBe(false);
  expect(await stage.list()).toEqual([]);
});

test("a server that something else starts again is reported as still running", async () => {
  await using stage = new Stage();
  const port = await stage.claimed(stage.owner());
  // Each server leads a session of its own, so that nothing leads from it to what restarts it.
  stage.start(restarting(`setsid --wait ${serving(port).join(" ")}`));
  await stage.listening(port);
  const { code, err } = await stage.run(["stop", "web", "--json"]);
  expect([code, JSON.parse(err).error.code]).toEqual([1, "still-running"]);
});

test("a claim whose owner lives is kept when its server is stopped", async () => {
  await using stage = new Stage();
  const port = await stage.claimed(stage.owner());
  stage.start(serving(port));
  await stage.listening(port);
  const { out } = await stage.run(["stop", `${port}`, "--json"]);
  expect(JSON.parse(out)).toMatchObject({ port, service: "web", released: false });
  expect(await accepts(port)).toBe(false);
  expect(await stage.web()).toMatchObject({ port, state: "starting" });
});

test("other servers on the port are left alone, and named", async () => {
  await using stage = new Stage();
  const port = await stage.claimed(stage.owner());
  stage.start(serving(port));
  await stage.listening(port);
  const v6 = ["python3", "-m", "http.server", "--bind", "::1", `${port}`];
  const other = stage.start(v6, stage.directory("foreign"));
  await stage.listening(port, "::1");
  const { out } = await stage.run(["stop", `${port}`, "--json"]);
  const { ended, foreign } = JSON.parse(out) as { ended: unknown[]; foreign: unknown[] };
  expect([ended.length, foreign.length]).toEqual([1, 1]);
  expect(other.exitCode).toBeNull();
  expect(await accepts(port, "::1")).toBe(true);
});
