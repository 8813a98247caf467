import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { COMMANDS } from "../../cli/commands.ts";
import { freePort, PORTCLAIM, World } from "../harness.ts";

/** Runs portclaim on a terminal; what it prints there, to stdout and stderr alike. */
async function onTerminal(world: World, args: string[], env: Record<string, string> = {}, to = "") {
  const words = [...PORTCLAIM, ...args].map((word) => `'${word}'`).join(" ") + to;
  const command = ["script", "--quiet", "--return", "--command", words, "/dev/null"];
  const { out, code } = await world.exec(command, { env: { TERM: "xterm", ...env } });
  return { out: out.replaceAll("\r\n", "\n"), code };
}

/** Runs a command in a throwaway shell of its own group; "$@" is portclaim. */
const inShell = (world: World, script: string) =>
  world.exec(["setsid", "bash", "-c", `${script}\n:`, "sh", ...PORTCLAIM]);

const plant = (world: World, port: number, changes: object) => {
  mkdirSync(`${world.home}/claims`, { recursive: true, mode: 0o700 });
  const claim = {
    port,
    pid: process.pid,
    agent: null,
    project: "my-app",
    service: "web",
    claimed_at: new Date().toISOString(),
    lease: "ephemeral",
    ...changes,
  };
  writeFileSync(`${world.home}/claims/${port}.json`, JSON.stringify(claim));
};

/** Claims a port on which no other server will start meanwhile. */
const claim = async (world: World) =>
  await world.acquire("--service", "web", "--prefer", String(await freePort()));

describe("where stdout isn't a terminal", () => {
  test("list, reap and release print JSON by themselves", async () => {
    await using world = new World();
    const port = await claim(world);
    const list = await world.run(["list"]);
    expect(JSON.parse(list.out)).toMatchObject([{ port, service: "web", state: "starting" }]);
    expect(list.err).toBe("");
    const reap = await world.run(["reap", "--grace", "0s"]);
    expect(JSON.parse(reap.out)).toMatchObject([{ port, action: "released", state: "idle" }]);
    await world.acquire("--service", "web", "--prefer", String(port), "--exact");
    expect(JSON.parse((await world.run(["release", String(port)])).out)).toMatchObject([{ port }]);
    expect((await world.run(["list"])).out).toBe("[]\n");
  });

  test("acquire and find print the port, and JSON only if asked", async () => {
    await using world = new World();
    const port = await claim(world);
    expect(await world.run(["find", "--service", "web"])).toEqual({
      code: 0,
      out: `${port}\n`,
      err: "",
    });
    const { out } = await world.run(["find", "--service", "web", "--json"]);
    expect(JSON.parse(out)).toMatchObject({ port, state: "starting", listeners: [] });
  });

  test("errors are JSON if the command prints JSON, and text if it doesn't", async () => {
    await using world = new World();
    expect(JSON.parse((await world.run(["release", "3000"])).err).error.code).toBe("not-found");
    expect((await world.run(["find", "--service", "web"])).err).toStartWith("portclaim: no claim");
    const { err } = await world.run(["find", "--service", "web", "--json"]);
    expect(JSON.parse(err).error.code).toBe("not-found");
  });

  test("--text prints tables and errors as text all the same", async () => {
    await using world = new World();
    const port = await claim(world);
    expect((await world.run(["list", "--text"])).out).toMatch(new RegExp(`^PORT .*\n${port} `));
    expect((await world.run(["who", "1", "--text"])).err).toStartWith("portclaim: ");
  });

  test("--json behind -- is the other command's", async () => {
    await using world = new World();
    const { err } = await world.run(["run", "web", "--", "nonesuch", "--json"]);
    expect(err).toStartWith("portclaim: cannot run nonesuch");
  });

  test("JSON output is nothing but JSON, whatever a claim contains", async () => {
    await using world = new World();
    plant(world, 4000, { service: "\u001b[31mred\u0007\n", note: "x" });
    plant(world, 4001, { port: 1 });
    const { out, err } = await world.run(["list"]);
    expect(JSON.parse(out)).toMatchObject([{ service: "\u001b[31mred\u0007\n", note: "x" }]);
    expect(out).not.toContain("\u001b");
    expect(err).toContain("port 4001 is reserved by an unreadable claim file");
  });
});

describe("on a terminal", () => {
  test("list is a table with aligned columns and colors", async () => {
    await using world = new World();
    plant(world, 999, { service: "web", agent: "codex" });
    plant(world, await freePort(), { service: "データベース 🐢", project: "a" });
    const { out } = await onTerminal(world, ["list"]);
    expect(out).toContain("\u001b[36mstarting\u001b[0m");
    const lines = Bun.stripANSI(out).trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    const column = lines[0]?.indexOf("PROJECT") ?? 0;
    const starts = [lines[1]?.indexOf("my-app"), lines[2]?.lastIndexOf("a  ")];
    expect(lines.slice(1).map((line, i) => Bun.stringWidth(line.slice(0, starts[i])))).toEqual([
      column,
      column,
    ]);
  });

  test.each([{ NO_COLOR: "1" }, { TERM: "dumb" }])("%p leaves the colors out", async (env) => {
    await using world = new World();
    plant(world, await freePort(), {});
    const { out } = await onTerminal(world, ["list"], env);
    expect(out).toContain("starting");
    expect(out).not.toContain("\u001b");
    expect((await onTerminal(world, ["--help"], env)).out).not.toContain("\u001b");
  });

  test("help fits into 80 columns", async () => {
    await using world = new World();
    const helps = ["", ...Object.keys(COMMANDS)].map((name) =>
      world.run([name, "--help"].filter(Boolean)),
    );
    const lines = (await Promise.all(helps)).flatMap(({ out }) => out.split("\n"));
    expect(lines.filter((line) => Bun.stringWidth(line) > 80)).toEqual([]);
  });

  test("a list without a match names what there is without the filter", async () => {
    await using world = new World();
    plant(world, 4000, { service: "web" });
    const { out } = await onTerminal(world, ["ls", "api"]);
    expect(out).toBe('portclaim: no claims match service "api"; claimed: web in my-app\n');
  });

  test("row 42: text of a claim can't drive the terminal, from the table or from a message", async () => {
    await using world = new World();
    const evil = "\u001b]0;title\u0007\u001b[2J\u009b31m\u202e\r\n";
    plant(world, 4000, { service: `web${evil}`, project: `p${evil}`, agent: `a${evil}` });
    plant(world, 4001, { service: "web", project: `q${evil}` });
    const runs: [string[], string][] = [
      [["list"], "4000"],
      [["acquire", "--service", "web", "--prefer", "4000"], "port 4000"],
      [["acquire", "--service", "web", "--prefer", "4000", "--exact"], "port 4000"],
      [["who", "4001"], "4001"],
      [["release", "--service", "nothing"], "no claim"],
      [["release", "4000"], "4000"],
      [["reap", "--dry-run"], "4001"],
    ];
    for (const [args, part] of runs) {
      const { out } = await onTerminal(world, args, { NO_COLOR: "1" });
      expect(out).toContain(part);
      expect([args, out.match(/[\p{Cc}\u202e]/gu)?.filter((char) => char !== "\n") ?? []]).toEqual([
        args,
        [],
      ]);
    }
  });

  test("errors are text", async () => {
    await using world = new World();
    const { out, code } = await onTerminal(world, ["release", "3000"]);
    expect(out).toBe("portclaim: no claim for port 3000\nhint: run: portclaim list\n");
    expect(code).toBe(4);
  });

  test("they are text even if stdout isn't a terminal", async () => {
    await using world = new World();
    const { out } = await onTerminal(world, ["release", "3000"], {}, " >/dev/null");
    expect(out).toStartWith("portclaim: no claim for port 3000");
  });

  test("an empty registry says how to begin", async () => {
    await using world = new World();
    const { out, code } = await onTerminal(world, ["list"]);
    expect(out).toContain("portclaim acquire SERVICE");
    expect(code).toBe(0);
  });

  test("reap says what it freed, what it kept, and how to free that too", async () => {
    await using world = new World();
    const port = await claim(world);
    const kept = await onTerminal(world, ["reap"]);
    expect(kept.out).toContain(`${port} (web in my-app) kept: nothing listens yet`);
    expect(kept.out).toContain("portclaim reap --grace 0s");
    const dry = await onTerminal(world, ["reap", "--grace", "0s", "--dry-run"]);
    expect(dry.out).toContain(`${port} (web in my-app) would be released: nothing has listened`);
    const freed = await onTerminal(world, ["reap", "--grace", "0s"]);
    expect(freed.out).toContain(`${port} (web in my-app) released: nothing has listened`);
    expect((await onTerminal(world, ["reap"])).out).toBe("portclaim: nothing to remove\n");
  });

  test("--json prints JSON here too", async () => {
    await using world = new World();
    const port = await world.acquire("--service", "web");
    expect(JSON.parse((await onTerminal(world, ["list", "--json"])).out)).toMatchObject([{ port }]);
  });
});

describe("row 54: stdout that is full", () => {
  test.each(["list", "--help", "--version", "reap --grace 0s"])(
    "is an error of %s",
    async (words) => {
      await using world = new World();
      await world.acquire("--service", "web");
      const { code, err } = await inShell(world, `"$@" ${words} >/dev/full || exit $?`);
      expect(err).toContain("no space left on device");
      expect(code).toBe(1);
    },
  );

  test("undoes an acquire", async () => {
    await using world = new World();
    const { code, err } = await inShell(world, '"$@" acquire --service web >/dev/full || exit $?');
    expect(err).toBe("portclaim: cannot write to stdout: no space left on device\n");
    expect(code).toBe(1);
    expect(await world.list()).toEqual([]);
  });

  test("restores the claim that was asked for again", async () => {
    await using world = new World();
    const { out } = await inShell(world, '"$@" acquire --service web --agent first');
    const before = await world.claim(Number(out));
    await inShell(world, '"$@" acquire --service web --agent second >/dev/full || exit $?');
    expect(await world.claim(Number(out))).toEqual(before as never);
    expect(before?.agent).toBe("first");
  });
});

describe("row 54: stdout without a reader", () => {
  // The reader has ended before portclaim begins.
  const toClosedPipe =
    'exec 3> >(exec true); wait $!; "$@" ARGS >&3 3>&-; echo "ended with $?" >&2';
  const run = (world: World, args: string) => inShell(world, toClosedPipe.replace("ARGS", args));

  test("undoes an acquire, quietly", async () => {
    await using world = new World();
    const { err } = await run(world, "acquire --service web");
    expect(err).toBe("ended with 1\n");
    expect(await world.list()).toEqual([]);
  });

  test("restores the claim that was asked for again", async () => {
    await using world = new World();
    const { out } = await inShell(world, '"$@" acquire --service web --agent first');
    await run(world, "acquire --service web --agent second");
    expect((await world.claim(Number(out)))?.agent).toBe("first");
  });

  test("undoes all of several", async () => {
    await using world = new World();
    await run(world, "acquire --service web --service api --json");
    expect(await world.list()).toEqual([]);
  });

  test.each(["list", "--help", "find --service web", "reap"])("ends %s quietly", async (args) => {
    await using world = new World();
    await world.acquire("--service", "web");
    expect((await run(world, args)).err.replace(/^portclaim: to free those .*\n/m, "")).toBe(
      "ended with 1\n",
    );
  });
});

test("a stderr that can't be written to is no reason to fail", async () => {
  await using world = new World();
  const port = await world.listen();
  const script = `"$@" acquire --service web --prefer ${port} 2>/dev/full || exit $?`;
  expect(await inShell(world, script)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^\d+\n$/),
  });
});
