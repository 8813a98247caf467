import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { tryLock } from "../../native/posix/flock.ts";
import { openRegistry } from "../../registry/store/registry.ts";
import type { PortDetails } from "../../ui/page/wire.ts";
import { startDashboard } from "../../ui/server/server.ts";
import { startForeign } from "../foreign.ts";
import { firstLine, script } from "../harness.ts";
import { PoolWorld } from "../pool.ts";
import { Dashboard, runServer, startServer } from "./dashboard.ts";

let dashboard: Dashboard;

beforeAll(async () => {
  dashboard = await Dashboard.start();
});

afterAll(async () => {
  await dashboard[Symbol.asyncDispose]();
});

/** What the dashboard's own page sends with a request. */
const ownPage = () => ({
  "Sec-Fetch-Site": "same-origin",
  Origin: dashboard.url.slice(0, -1),
  "Content-Type": "application/json",
});

const post = (path: string, body: object, headers: Record<string, string> = ownPage()) =>
  fetch(`${dashboard.url}${path}`, { method: "POST", body: JSON.stringify(body), headers });

const details = async (port: number): Promise<PortDetails> =>
  (await fetch(`${dashboard.url}api/ports/${port}`)).json() as Promise<PortDetails>;

/** The server on a port, as a person is asked to confirm it. */
async function serverOn(port: number) {
  const [server] = (await details(port)).servers;
  if (server === undefined) throw new Error(`nothing listens on ${port}`);
  const claimed_at = (await dashboard.world.claim(port))?.claimed_at ?? "";
  return { ...server, confirmed: { pid: server.pid, start: server.start, claimed_at } };
}

const answerOf = async (answer: Response) => {
  const { error } = (await answer.json()) as { error?: { code: string } };
  return [answer.status, error?.code];
};

describe("GET /api/ports/:port", () => {
  test("names the server's process, its command line, and its ancestors up to the owner", async () => {
    const port = await dashboard.world.acquire("--service", "web");
    const server = await startServer(dashboard, port);
    const found = await serverOn(port);
    expect(found).toMatchObject({ pid: server.pid, cwd: dashboard.world.cwd, port, covered: true });
    expect(found.commandLine).toContain("Bun.listen(");
    expect(found.tree.map(({ pid }) => pid)).toEqual([server.pid, process.pid]);
    expect((await details(port)).file).toBe(`${dashboard.world.home}/claims/${port}.json`);
    server.kill("SIGKILL");
  });

  test("names the other processes and ports that end with the server", async () => {
    const { world } = dashboard;
    const [port, other] = [world.first + 60, world.first + 61];
    const child = `Bun.listen({ hostname: "127.0.0.1", port: ${other}, socket: { data() {} } }); console.log("up");`;
    const parent = `
      Bun.listen({ hostname: "127.0.0.1", port: ${port}, socket: { data() {} } });
      Bun.spawn([process.execPath, "-e", ${JSON.stringify(child)}], { stdout: "inherit" });`;
    const server = world.spawn(["setsid", "--wait", ...script(parent)]);
    await firstLine(server);
    const found = await serverOn(port);
    expect([found.processes.length, found.also]).toEqual([1, [{ port: other, service: null }]]);
    expect((await post(`api/listeners/${port}/stop`, confirm(found))).status).toBe(200);
    await server.exited;
  });
});

const confirm = ({ pid, start }: { pid: number; start: string }) => ({ pid, start });

describe("POST /api/claims/:port/stop", () => {
  test("stops the server of a claim, and removes a claim that it owned", async () => {
    const { port, server } = await runServer(dashboard, "owned");
    const { confirmed, command } = await serverOn(port);
    const answer = await post(`api/claims/${port}/stop`, confirmed);
    const ended = [{ pid: confirmed.pid, command, signal: "SIGTERM" }];
    expect(await answer.json()).toEqual({ port, ended, also: [], released: true });
    await server.exited;
    expect(await dashboard.world.claim(port)).toBeUndefined();
  });

  test("stops nothing if the claim, the process or its start time is another", async () => {
    const port = await dashboard.world.acquire("--service", "other");
    const server = await startServer(dashboard, port);
    const { confirmed } = await serverOn(port);
    const wrong: [object, number, string][] = [
      [{ claimed_at: "2026-01-01T00:00:00.000000Z" }, 409, "claimed-anew"],
      [{ claimed_at: "" }, 409, "claimed-anew"],
      [{ pid: process.pid }, 404, "not-found"],
      [{ start: "1" }, 404, "not-found"],
      [{ pid: 0 }, 404, "not-found"],
      [{ pid: -1 }, 400, "malformed"],
      [{ start: undefined }, 400, "malformed"],
      [{ claimed_at: undefined }, 400, "malformed"],
    ];
    for (const [change, status, code] of wrong) {
      const answer = await post(`api/claims/${port}/stop`, { ...confirmed, ...change });
      expect([change, ...(await answerOf(answer))]).toEqual([change, status, code]);
    }
    const unclaimed = await post(`api/listeners/${port}/stop`, confirm(confirmed));
    expect(await answerOf(unclaimed)).toEqual([409, "claimed-anew"]);
    expect(server.exitCode).toBeNull();
    server.kill("SIGKILL");
  });

  test("stops nothing if the claim is replaced while the request waits for the lock", async () => {
    const { world } = dashboard;
    const port = await world.acquire("--service", "waited");
    const server = await startServer(dashboard, port);
    const { confirmed } = await serverOn(port);
    const notice = firstLine({ stdout: dashboard.process.stderr as ReadableStream<Uint8Array> });
    const lock = tryLock(`${world.home}/.lock`);
    const answer = post(`api/claims/${port}/stop`, confirmed);
    expect(await notice).toContain("lock");
    const newer = { ...(await world.claim(port)), claimed_at: "2099-01-01T00:00:00.000000Z" };
    await Bun.write(`${world.home}/claims/${port}.json`, JSON.stringify(newer));
    lock?.[Symbol.dispose]();
    expect(await answerOf(await answer)).toEqual([409, "claimed-anew"]);
    expect(server.exitCode).toBeNull();
    server.kill("SIGKILL");
  });

  test("refuses a foreign listener on the port, which the other route stops", async () => {
    const port = await dashboard.world.acquire("--service", "shared");
    await startForeign(dashboard.world, port);
    const { confirmed, covered } = await serverOn(port);
    const refused = await post(`api/claims/${port}/stop`, confirmed);
    expect([covered, ...(await answerOf(refused))]).toEqual([false, 409, "claimed-anew"]);
    const done = await post(`api/listeners/${port}/stop`, confirm(confirmed));
    expect([done.status, (await details(port)).servers]).toEqual([200, []]);
    expect((await dashboard.world.claim(port))?.service).toBe("shared");
  });
});

test("of two servers on one port, the one that was confirmed is stopped alone", async () => {
  const { world } = dashboard;
  const port = await world.acquire("--service", "both");
  const listen = `Bun.listen({ hostname: "::1", port: ${port}, socket: { data() {} } }); console.log("up");`;
  const own = world.spawn(script(listen));
  await firstLine(own);
  const pid = await startForeign(world, port);
  const { servers } = await details(port);
  expect(servers.map((one) => [one.pid, one.covered])).toEqual([
    [own.pid, true],
    [pid, false],
  ]);
  const [, foreign] = servers;
  const done = await post(`api/listeners/${port}/stop`, confirm(foreign ?? { pid: 0, start: "" }));
  expect([done.status, (await details(port)).servers.length]).toEqual([200, 1]);
  expect(own.exitCode).toBeNull();
  own.kill("SIGKILL");
});

describe("POST /api/listeners/:port/stop", () => {
  test("stops a server without a claim", async () => {
    const port = dashboard.world.first + 70;
    const pid = await startForeign(dashboard.world, port);
    const { confirmed } = await serverOn(port);
    expect(confirmed.pid).toBe(pid);
    const { start } = confirmed;
    expect((await post(`api/listeners/${port}/stop`, { pid, start })).status).toBe(200);
    expect((await details(port)).servers).toEqual([]);
  });

  test("stops neither the dashboard nor a process that it runs in", async () => {
    const port = await dashboard.world.listen(dashboard.world.first + 71);
    for (const one of [dashboard.port, port]) {
      const { confirmed, refusal } = await serverOn(one);
      const answer = await post(`api/listeners/${one}/stop`, confirm(confirmed));
      expect([refusal, ...(await answerOf(answer))]).toEqual([
        expect.stringContaining("the process that this command runs in"),
        409,
        "ancestor",
      ]);
    }
    await dashboard.world.stopListening();
  });
});

describe("what stop protects", () => {
  const named: [string, RegExp][] = [
    ["docker-proxy", /a container's port forwarder; stop the container instead: docker stop/],
    ["claude", /a shell, terminal, editor or agent/],
  ];
  test.each(named)("%s isn't stopped", async (name, why) => {
    const { world } = dashboard;
    const port = world.first + (name === "claude" ? 80 : 81);
    const listen = `Bun.listen({ hostname: "127.0.0.1", port: ${port}, socket: { data() {} } }); console.log("up");`;
    const command = ["bash", "-c", `exec -a ${name} "$@"`, "bash", ...script(listen)];
    const server = world.spawn(command);
    await firstLine(server);
    const { confirmed, refusal } = await serverOn(port);
    expect(refusal).toMatch(why);
    const answer = await post(`api/listeners/${port}/stop`, confirm(confirmed));
    expect([...(await answerOf(answer)), server.exitCode]).toEqual([409, "ancestor", null]);
    server.kill("SIGKILL");
  });
});

describe("a request to stop a server", () => {
  const origin = () => dashboard.url.slice(0, -1);
  const foreign: [string, () => Record<string, string>][] = [
    ["of a command-line tool", () => ({})],
    ["without an origin", () => ({ "Sec-Fetch-Site": "same-origin" })],
    ["without Sec-Fetch-Site", () => ({ Origin: origin() })],
    ["that a person typed", () => ({ "Sec-Fetch-Site": "none", Origin: origin() })],
    ["that hides its origin", () => ({ "Sec-Fetch-Site": "same-origin", Origin: "null" })],
    ["of another site", () => ({ "Sec-Fetch-Site": "cross-site", Origin: origin() })],
    ["of another port", () => ({ "Sec-Fetch-Site": "same-origin", Origin: "http://localhost:1" })],
    ["of another port of this site", () => ({ "Sec-Fetch-Site": "same-site", Origin: origin() })],
  ];
  test.each(foreign)("%s is refused", async (_, headers) => {
    for (const path of ["api/claims/1/stop", "api/listeners/1/stop"]) {
      const answer = await post(path, {}, headers());
      expect([answer.status, (await answer.json()).error.code]).toEqual([
        403,
        expect.stringMatching(/^(not-the-page|foreign-site)$/),
      ]);
    }
  });
});

describe("where the system doesn't tell whose request it is", () => {
  test("stopping and releasing need the key that only this user can read", async () => {
    await using world = new PoolWorld();
    const open = () => openRegistry({ environment: { PORTCLAIM_HOME: world.home } });
    const options = { open, bind: "127.0.0.1", port: world.ownPort, needsKey: true };
    const served = await startDashboard(options);
    expect(statSync(served.door).mode & 0o777).toBe(0o600);
    const link = /url=([^"]+)"/.exec(await Bun.file(served.door).text())?.[1] ?? "";
    const claimed = await world.acquire("--service", "web");
    const send = async (path: string, Cookie: string) => {
      const page = { ...ownPage(), Origin: served.url.slice(0, -1) };
      const body = JSON.stringify({ force: true });
      const headers = { ...page, Cookie };
      const answer = await fetch(`${served.url}${path}`, { method: "POST", body, headers });
      const { error } = (await answer.json()) as { error?: { code: string } };
      return error?.code;
    };
    const paths = ["release", "stop"].map((action) => `api/claims/${claimed}/${action}`);
    for (const path of [...paths, `api/listeners/${claimed}/stop`]) {
      expect(await send(path, "")).toBe("no-key");
      expect(await send(path, `portclaim-${served.port}=${"0".repeat(32)}`)).toBe("no-key");
    }
    expect((await fetch(`${served.url}api/reap`, { method: "POST" })).status).toBe(200);
    expect((await fetch(`${served.url}open?key=guess`)).status).toBe(403);
    const opened = await fetch(link, { redirect: "manual" });
    expect([opened.status, opened.headers.get("location")]).toEqual([303, "/"]);
    const [cookie = "", ...rest] = (opened.headers.get("set-cookie") ?? "").split("; ");
    expect(rest).toEqual(["HttpOnly", "SameSite=Strict", "Path=/api/"]);
    expect(await send(`api/claims/${claimed}/stop`, cookie)).toBe("malformed");
    expect(await send(`api/claims/${claimed}/release`, cookie)).toBeUndefined();
    expect(await world.claim(claimed)).toBeUndefined();
    await served.stop();
  });
});
