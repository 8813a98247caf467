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

test("a wait for a service follows its claim to another port", async () => {
  await using stage = new Stage();
  const first = await stage.claimed(stage.owner());
  const waiting = stage.spawn([...PORTCLAIM, "wait", "web", "--timeout", "30s"]);
  await until("it waits", () => cpuSeconds(waiting.pid) > 0);
  await stage.run(["release", `${first}`, "--force"]);
  const second = await stage.claimed(stage.owner());
  stage.start(serving(second));
  const out = await new Response(waiting.stdout).text();
  expect([await waiting.exited, out]).toEqual([0, expect.stringContaining(`${second}`)]);
});

test("a wait may begin before its service is claimed", async () => {
  await using stage = new Stage();
  const waiting = stage.spawn([...PORTCLAIM, "wait", "web", "--timeout", "30s"]);
  await until("it waits", () => cpuSeconds(waiting.pid) > 0);
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
