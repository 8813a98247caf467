import { describe, expect, test } from "bun:test";
import { appendFileSync } from "node:fs";
import type { HistoryEvent } from "../../registry/model/event.ts";
import { PORTCLAIM, until, World } from "../harness.ts";
import { accepts, serving } from "../registry/servers.ts";
import { Terminal } from "../terminal.ts";

const events = (out: string) => JSON.parse(out) as HistoryEvent[];
const kinds = (out: string) => events(out).map(({ event, service }) => `${event} ${service}`);

/** Puts an event of long ago into the history. */
function plant(world: World, event: Partial<HistoryEvent>): void {
  const base = { at: "2026-03-17T14:32:01.123456Z", event: "claimed", port: 3000, service: "web" };
  const rest = { project: "my-app", cwd: null, agent: null, by: "claude (pid 7)", reason: null };
  appendFileSync(
    `${world.home}/history.jsonl`,
    `${JSON.stringify({ ...base, ...rest, ...event })}\n`,
  );
}

describe("log", () => {
  test("prints what happened as JSON, the oldest first, and only what is asked for", async () => {
    await using world = new World();
    plant(world, { event: "denied", service: "old" });
    const web = await world.acquire("web");
    await world.acquire("api", "--project", "other");
    await world.run(["release", String(web)]);
    const log = async (...args: string[]) => kinds((await world.run(["log", ...args])).out);
    expect(await log()).toEqual(["denied old", "claimed web", "claimed api", "released web"]);
    expect(await log(String(web))).toEqual(["claimed web", "released web"]);
    expect(await log("api")).toEqual(["claimed api"]);
    expect(await log("--project", "other")).toEqual(["claimed api"]);
    expect(await log("--since", "1h")).toEqual(["claimed web", "claimed api", "released web"]);
    expect(await log("-n", "1")).toEqual(["released web"]);
    const [claimed] = events((await world.run(["log", "web"])).out);
    expect(claimed).toMatchObject({ port: web, cwd: world.cwd, agent: null, reason: null });
    expect(claimed?.by).toMatch(new RegExp(`^bun.* \\(pid ${process.pid}\\)$`));
  });

  test("prints the newest 50, or as many as asked, or all with --since", async () => {
    await using world = new World();
    for (let port = 3000; port < 3060; port++) plant(world, { port });
    const count = async (...args: string[]) =>
      events((await world.run(["log", ...args])).out).map(({ port }) => port);
    expect(await count()).toEqual(Array.from({ length: 50 }, (_, i) => 3010 + i));
    expect(await count("-n60")).toHaveLength(60);
    expect(await count("--since", "100000d")).toHaveLength(60);
  });

  test("prints a table as text, cut to the terminal's width, that no name can break", async () => {
    await using world = new World({ TZ: "UTC" });
    const reason = "its owner claude (pid 7) has exited";
    plant(world, { event: "reaped", service: "we\u001bb", reason });
    const { out } = await world.run(["log", "--text"]);
    expect(out).toBe(
      "TIME                 EVENT   PORT  SERVICE    PROJECT  BY          REASON\n" +
        `2026-03-17 14:32:01  reaped  3000  we\\u{1b}b  my-app   claude (7)  ${reason}\n`,
    );
    await using terminal = new Terminal(world, [...PORTCLAIM, "log"], 80);
    const lines = (await terminal.all()).trimEnd().split("\n");
    expect(lines[1]).toMatch(/^2026-03-17 14:32:01 {2}reaped.*…$/);
    expect(lines[1]?.length).toBeLessThanOrEqual(80);
  });

  test("says that there are no events, and succeeds", async () => {
    await using world = new World();
    expect(await world.run(["log"])).toEqual({ code: 0, out: "[]\n", err: "" });
    const text = await world.run(["log", "--text"]);
    expect(text).toEqual({ code: 0, out: "", err: "portclaim: no such events\n" });
  });

  test("tells who stopped a server, and that its claim ended with it", async () => {
    await using world = new World();
    const port = world.ports.next();
    const { pid } = world.spawn([
      ...PORTCLAIM,
      "run",
      "web",
      "-p",
      `${port}`,
      "--",
      ...serving(port),
    ]);
    await until("it listens", () => accepts(port));
    expect((await world.run(["stop", "web"])).code).toBe(0);
    const [claimed, stopped, released] = events((await world.run(["log", "web"])).out);
    expect(claimed).toMatchObject({ event: "claimed", by: `python3 (pid ${pid})` });
    expect(stopped).toMatchObject({ event: "stopped", reason: `python3 http.server (pid ${pid})` });
    expect(stopped?.by).toInclude(`(pid ${process.pid})`);
    const reason = "its owner exited with its server";
    expect(released).toMatchObject({ event: "released", reason, service: "web" });
  });

  test("shows that a server without a claim was stopped", async () => {
    await using world = new World();
    const port = world.ports.next();
    world.spawn(serving(port));
    await until("it listens", () => accepts(port));
    expect((await world.run(["stop", `${port}`, "--force"])).code).toBe(0);
    const all = events((await world.run(["log"])).out);
    expect(all).toMatchObject([{ event: "stopped", port, service: null, project: null }]);
  });
});
