import { describe, expect, test } from "bun:test";
import { hasColor } from "../../../cli/output/io.ts";
import { checkout, claim, directory, git, worktree } from "../../git.ts";
import { PORTCLAIM, until, World } from "../../harness.ts";
import { accepts, serving } from "../../registry/servers.ts";
import { Terminal } from "../../terminal.ts";

/** What a person sees on a terminal of so many columns, line by line. */
async function shown(world: World, columns: number, args: string[], cwd = world.cwd) {
  const place = Object.assign(Object.create(world) as World, { cwd });
  await using terminal = new Terminal(place, [...PORTCLAIM, ...args], columns);
  return (await terminal.all()).trimEnd().split("\n");
}

/** A server of an agent in a directory; returns its port and pid. */
async function serve(world: World, cwd: string, agent: string) {
  const port = world.ports.next();
  const { pid } = world.spawn(serving(port), { cwd });
  await until("it listens", () => accepts(port));
  await claim(world, cwd, pid, "web", "--prefer", `${port}`, "--exact", "--agent", agent);
  return { port, pid };
}

describe("list on a terminal", () => {
  test.each([80, 120])(
    "of %d columns is complete, with short paths and branches",
    async (width) => {
      await using world = new World();
      const shop = await checkout(world, "shop");
      const fix = await worktree(world, shop, "fix");
      await git(world, fix, "checkout", "--quiet", "-b", "login");
      const blog = directory(world, "blog");
      const api = await claim(world, directory(world, "shop/apps/api"), process.pid, "api");
      const servers = [
        { ...(await serve(world, shop, "claude-code")), place: ". (main)" },
        { ...(await serve(world, fix, "codex")), place: "~/fix (login)" },
        { ...(await serve(world, blog, "gemini")), place: "~/blog" },
      ];
      const [heading, first, ...rows] = await shown(world, width, ["list"], `${shop}/apps`);
      expect(heading).toMatch(/^PORT +STATE +SERVICE +(PROJECT +)?BY +PROCESS +DIRECTORY +AGE$/);
      expect(first).toMatch(new RegExp(`^${api} +starting +api .* ./apps/api +\\ds$`));
      expect(rows).toHaveLength(servers.length);
      for (const { port, pid, place } of servers) {
        const row = rows.find((line) => line.startsWith(`${port} `));
        expect(row).toInclude(`(${pid})  ${place}  `);
        expect(row).toMatch(/listening {2}web .* python3 /);
      }
      const widths = [heading ?? "", ...rows].map((line) => Bun.stringWidth(line));
      expect(Math.max(...widths)).toBeLessThanOrEqual(width);
    },
  );

  test("of 60 columns leaves out who claimed a port rather than cut everything", async () => {
    await using world = new World();
    const { port, pid } = await serve(world, directory(world, "a-rather-long-name/x"), "codex");
    const [heading, row] = await shown(world, 60, ["list"]);
    expect(heading?.split(/ +/)).toEqual([
      "PORT",
      "STATE",
      "SERVICE",
      "PROCESS",
      "DIRECTORY",
      "AGE",
    ]);
    expect(row).toStartWith(`${port}`);
    expect(row).toInclude(`(${pid})`);
  });

  test("shows a project that isn't named for its directory", async () => {
    await using world = new World();
    await world.acquire("web", "--project", "shop");
    const [heading, row] = await shown(world, 80, ["list"]);
    expect(heading).toInclude("PROJECT");
    expect(row).toMatch(/ web +shop .* \. +\ds$/);
  });

  test("--all adds this user's servers without a claim, outside of the pool too", async () => {
    await using world = new World();
    const claimed = await world.acquire("web");
    const port = world.ports.next();
    const { pid } = world.spawn(serving(port));
    await until("it listens", () => accepts(port));
    await Bun.write(`${world.home}/config.toml`, `[pool]\nrange = "${claimed}-${claimed}"\n`);
    expect(await shown(world, 120, ["list"])).toHaveLength(2);
    const lines = await shown(world, 120, ["list", "--all"]);
    const row = lines.find((line) => line.startsWith(`${port} `));
    expect(row).toMatch(new RegExp(`unclaimed .*python3 http.server \\(${pid}\\) +\\. +\\d+s$`));
    const rows = JSON.parse((await world.run(["list", "--all"])).out) as { port: number }[];
    expect(rows).toContainEqual(
      expect.objectContaining({ port, state: "unclaimed" as never }) as never,
    );
  });
});

describe("color", () => {
  const terminal = { stdoutIsTerminal: true, stderrIsTerminal: true, columns: 80, write() {} };
  const pipe = { ...terminal, stdoutIsTerminal: false };

  test.each([
    [true, terminal, { TERM: "xterm-256color" }],
    [false, terminal, { TERM: "dumb" }],
    [false, terminal, {}],
    [false, terminal, { TERM: "xterm", NO_COLOR: "1" }],
    [true, terminal, { TERM: "xterm", NO_COLOR: "" }],
    [false, terminal, { TERM: "xterm", FORCE_COLOR: "0" }],
    [false, terminal, { TERM: "xterm", FORCE_COLOR: "false" }],
    [false, pipe, { TERM: "xterm" }],
    [true, pipe, { FORCE_COLOR: "1" }],
    [true, pipe, { CLICOLOR_FORCE: "1" }],
    [false, pipe, { CLICOLOR_FORCE: "0" }],
    [false, pipe, { FORCE_COLOR: "1", NO_COLOR: "1" }],
  ])("%p where stdout is %o and the environment %o", (expected, streams, env) => {
    expect(hasColor(env, streams)).toBe(expected);
  });
});
