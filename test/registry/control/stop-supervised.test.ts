import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import type { HistoryEvent } from "../../../registry/model/event.ts";
import { freePort, PORTCLAIM, script, until } from "../../harness.ts";
import { allProcesses, hasEnded, parentOf } from "../../processes.ts";
import { SERVE, ShellSandbox } from "../../shell-sandbox.ts";
import { accepts, serving, Stage } from "../servers.ts";

test("another claim's server that takes the port afterwards isn't a restart", async () => {
  await using stage = new Stage();
  const port = await freePort();
  const run = (service: string) =>
    `${PORTCLAIM.join(" ")} run ${service} -p ${port} -- ${serving("{port}").join(" ")}`;
  const supervisor = stage.start(["sh", "-c", `${run("web")}; ${run("api")}; true`]);
  await stage.listening(port);
  const { code, err } = await stage.run(["stop", "web", "--text"]);
  expect([err, code]).toEqual(["", 0]);
  await stage.listening(port);
  expect(await stage.list()).toMatchObject([{ service: "api", port }]);
  await stage.run(["stop", "api"]);
  await supervisor.exited;
});

/** Listens on a port as soon as that is possible, once it has removed some files. */
const THIEF = `
import os, socket, sys, time
while True:
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind(("127.0.0.1", int(sys.argv[1])))
        break
    except OSError:
        server.close()
for path in sys.argv[2:]:
    os.remove(path)
server.listen()
time.sleep(1000)
`;

test("what takes the port once the claim is gone isn't a restart, though it works in the same directory", async () => {
  await using stage = new Stage();
  const port = await freePort();
  const run = `${PORTCLAIM.join(" ")} run web -p ${port} -- ${serving("{port}").join(" ")}`;
  stage.start(["sh", "-c", `${run}; sleep 1000`]);
  await stage.listening(port);
  stage.start(["python3", "-c", THIEF, `${port}`, `${stage.home}/claims/${port}.json`]);
  const { code, err } = await stage.run(["stop", "web", "--text"]);
  expect([err, code]).toEqual(["", 0]);
  await stage.listening(port);
});

test("what takes the port of a server without a claim isn't its restart", async () => {
  await using stage = new Stage();
  const port = await freePort();
  stage.start(["sh", "-c", `${serving(port).join(" ")}; sleep 1000`]);
  await stage.listening(port);
  // Not below whatever the tests run in, as the server is.
  stage.start(["setsid", "--fork", "python3", "-c", THIEF, `${port}`]);
  const { code, err } = await stage.run(["stop", `${port}`, "--force", "--text"]);
  expect([err, code]).toEqual(["", 0]);
  await stage.listening(port);
});

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

test("a server without a claim that is started again is reported as still running", async () => {
  await using stage = new Stage();
  const port = await freePort();
  stage.start(restarting(`setsid --wait ${serving(port).join(" ")}`));
  await stage.listening(port);
  const { code, err } = await stage.run(["stop", `${port}`, "--force", "--json"]);
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

test("a supervisor whose server isn't running ends with its claim", async () => {
  await using stage = new Stage();
  const port = freePort();
  const supervisor = stage.serve(["web", "--prefer", `${port}`], ["sh", "-c", "sleep 1000; :"]);
  await until("it is claimed", () => stage.web());
  const { code, out } = await stage.run(["stop", "web", "--json"]);
  expect([code, JSON.parse(out)]).toMatchObject([0, { ended: [{}], released: true }]);
  await supervisor.exited;
});

test("a supervisor ends with its server, though a shell is between them", async () => {
  await using stage = new Stage();
  const port = freePort();
  const server = serving(port).join(" ");
  const code = `process.on("SIGTERM", () => process.exit()); Bun.spawn(["sh", "-c", "${server}; :"]);`;
  const supervisor = stage.serve(
    ["web", "--prefer", `${port}`],
    script(`${code} await new Promise(() => {})`),
  );
  await stage.listening(port);
  const { out } = await stage.run(["stop", "web", "--json"]);
  expect(JSON.parse(out)).toMatchObject({ ended: [{ pid: supervisor.pid }], released: true });
  await supervisor.exited;
  expect(await accepts(port)).toBe(false);
});

test("what a server has started on another port ends with it", async () => {
  await using stage = new Stage();
  const [port, other] = [freePort(), freePort()];
  const listen = (at: number) =>
    `Bun.listen({ hostname: "127.0.0.1", port: ${at}, socket: { data() {} } });`;
  const child = `Bun.spawn([process.execPath, "-e", ${JSON.stringify(listen(other))}]);`;
  stage.serve(["web", "--prefer", `${port}`], script(`${child} ${listen(port)}`));
  await stage.listening(port);
  await stage.listening(other);
  expect((await stage.run(["stop", "web"])).code).toBe(0);
  await until("the other port is free", async () => !(await accepts(other)));
});

/** A supervisor of two servers, which ends the other one a while after one has exited. */
const both = (ports: number[], more: string) => `
  const start = (port) => Bun.spawn(["python3", "-m", "http.server", "--bind", "127.0.0.1", String(port)]);
  const servers = ${JSON.stringify(ports)}.map(start);
  await Promise.race(servers.map(({ exited }) => exited));
  ${more}`;

test.each([
  [
    "and names the port of the one that its supervisor ends then",
    "await Bun.sleep(300); servers.map((one) => one.kill()); await new Promise(() => {})",
    true,
  ],
  ["and the other one keeps running", "await new Promise(() => {})", false],
])("one of two servers of a supervisor is stopped, %s", async (_, more, ends) => {
  await using stage = new Stage();
  const [web, api] = [freePort(), freePort()];
  const supervisor = stage.start(script(both([web, api], more)));
  for (const [service, port] of [
    ["web", web],
    ["api", api],
  ]) {
    await stage.listening(Number(port));
    const owner = ["--pid", `${supervisor.pid}`];
    await stage.acquire(String(service), "--prefer", `${port}`, "--exact", ...owner);
  }
  const { code, out } = await stage.run(["stop", "web", "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ port: web, also: ends ? [api] : [] });
  const log = JSON.parse((await stage.run(["log", `${api}`])).out) as HistoryEvent[];
  const told = log.filter(({ event }) => event === "stopped").map(({ reason }) => reason);
  expect(told).toEqual(ends ? [`with the server on ${web}`] : []);
  expect(await accepts(api)).toBe(!ends);
});

test("a server that hasn't listened yet ends with its supervisor", async () => {
  await using sandbox = new ShellSandbox({ AFTER: "after" });
  const pidFile = sandbox.path("supervisor");
  const supervise = sandbox.write(
    "supervise",
    `#!/bin/sh\necho $$ > ${pidFile}\n${SERVE} $PORT\n:\n`,
  );
  sandbox.spawn(["portclaim", "run", "web", "--no-inject", "--", supervise]);
  const server = await until("the supervisor has started it", () => {
    const supervisor = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : 0;
    const isChild = (pid: number) => supervisor > 0 && parentOf(pid) === supervisor;
    return allProcesses().find(isChild);
  });
  const { code, err } = await sandbox.run(["stop", "web"]);
  expect([code, err]).toEqual([0, ""]);
  await until("the server has ended too", () => hasEnded(server), 10);
});
