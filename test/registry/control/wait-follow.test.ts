import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { freePort, PORTCLAIM, until } from "../../harness.ts";
import { serving, Stage } from "../servers.ts";

/** Seconds of CPU that a process has used: utime and stime of proc_pid_stat(5), at 100 ticks a second. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** How often a process has waited: voluntary_ctxt_switches of proc_pid_status(5). */
function sleeps(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1]);
}

test("a wait for a service follows its claim to another port", async () => {
  await using stage = new Stage();
  const first = await stage.claimed(stage.owner());
  const waiting = stage.spawn([...PORTCLAIM, "wait", "web", "--timeout", "30s"]);
  await until("it has slept between looks", () => sleeps(waiting.pid) > 8);
  await stage.run(["release", `${first}`, "--force"]);
  const second = await stage.claimed(stage.owner());
  stage.start(serving(second));
  const out = await new Response(waiting.stdout).text();
  expect([await waiting.exited, out]).toEqual([0, expect.stringContaining(`${second}`)]);
});

test("a wait may begin before its service is claimed", async () => {
  await using stage = new Stage();
  const waiting = stage.spawn([...PORTCLAIM, "wait", "web", "--timeout", "30s"]);
  await until("it has slept between looks", () => sleeps(waiting.pid) > 8);
  const port = await stage.claimed(stage.owner());
  stage.start(serving(port));
  expect(await waiting.exited).toBe(0);
});

test("a server that closes its first connections without an answer is asked again", async () => {
  await using stage = new Stage();
  const port = await freePort();
  let calls = 0;
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port,
    socket: {
      data(socket) {
        calls++;
        if (calls > 2) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        socket.end();
      },
    },
  });
  try {
    const { code } = await stage.run(["wait", `${port}`, "--http", "/", "--timeout", "20s"]);
    expect([code, calls]).toEqual([0, 3]);
  } finally {
    server.stop(true);
  }
});

test("a wait for a free port waits for the server whose claim was released", async () => {
  await using stage = new Stage();
  const port = await freePort();
  const server = stage.spawn([
    ...PORTCLAIM,
    "run",
    "web",
    "--prefer",
    `${port}`,
    "--",
    ...serving("{port}"),
  ]);
  await stage.listening(port);
  const waiting = stage.spawn([...PORTCLAIM, "wait", "web", "--free"]);
  await until("it has slept between looks", () => sleeps(waiting.pid) > 8);
  await stage.run(["release", "web"]);
  const released = await stage.run(["wait", "web", "--timeout", "200ms"]);
  expect([released.code, waiting.exitCode]).toEqual([1, null]);
  server.kill("SIGKILL");
  expect(await waiting.exited).toBe(0);
});

test("only the claim's own server is asked, not another one on the same port", async () => {
  await using stage = new Stage();
  const port = await stage.claimed(stage.owner());
  stage.start(serving(port));
  await stage.listening(port);
  const answer =
    "Bun.serve({ hostname: '::1', port: Number(process.argv[1]), fetch: () => new Response() })";
  stage.start([process.execPath, "-e", answer, `${port}`], stage.directory("foreign"));
  await stage.listening(port, "::1");
  // The claim's server has no such file; the other one answers every path.
  const { code, err } = await stage.run(["wait", "web", "--http", "/nope", "--timeout", "500ms"]);
  expect(code).toBe(1);
  expect(err).toContain("it answers 404");
});

test("waiting takes hardly any CPU", async () => {
  await using stage = new Stage();
  const port = await stage.claimed(stage.owner());
  const waiting = stage.spawn([...PORTCLAIM, "wait", `${port}`, "--timeout", "4s"]);
  const started = performance.now();
  let before = 0;
  await until("it has settled", () => {
    before = cpuSeconds(waiting.pid);
    return performance.now() - started > 1500;
  });
  let after = before;
  await until("it has waited for two seconds", () => {
    after = cpuSeconds(waiting.pid);
    return performance.now() - started > 3500;
  });
  expect(after - before).toBeLessThan(0.4);
  expect(await waiting.exited).toBe(1);
});
