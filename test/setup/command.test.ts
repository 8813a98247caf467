import { describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { parse as parseYaml } from "yaml";
import type { AgentName } from "../../setup/names.ts";
import { BINARY, ROOT, SOURCE, World } from "../harness.ts";
import { entryOf, ROWS } from "./rows.ts";

class Home extends World {
  /** portclaim as it is installed, on PATH. */
  readonly program = this.path("bin/portclaim");

  constructor() {
    super();
    // A terminal with PORTCLAIM_HOME would have it written into the user's files.
    delete this.env["PORTCLAIM_HOME"];
    // The agents that this machine has don't count.
    this.env["PATH"] = this.path("bin");
    mkdirSync(this.path("bin"));
    symlinkSync(BINARY, this.program);
  }

  override write(name: string, text = ""): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  read(name: string): string | undefined {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), "utf8") : undefined;
  }

  async setup(...args: string[]) {
    const { code, out, err } = await this.exec([...SOURCE, "setup", ...args]);
    return {
      code,
      out,
      err,
      get told() {
        return JSON.parse(out);
      },
    };
  }

  /** The error of a call that is refused. */
  async refusal(...args: string[]) {
    const { code, err } = await this.setup(...args);
    const { message, hint } = JSON.parse(err).error;
    return { code, message, hint };
  }
}

describe("setup without an agent", () => {
  test("shows the agents that were used or have a program, and whether they are set up", async () => {
    await using home = new Home();
    home.write(ROWS.cursor.user, "{}");
    home.write(ROWS.codex.user, '[mcp_servers]\nportclaim = { command = "portclaim" }\n');
    home.write(ROWS.gemini.user, '{ "mcpServers": [] }');
    symlinkSync("/bin/true", home.path("bin/qwen"));
    const { told } = await home.setup();
    expect(told.map((one: { agent: string; state: string }) => [one.agent, one.state])).toEqual([
      ["codex", "set up"],
      ["gemini", "unreadable"],
      ["cursor", "not set up"],
      ["qwen", "not set up"],
    ]);
    expect(told[2]).toMatchObject({ title: "Cursor", path: home.path(ROWS.cursor.user) });
  });

  test("shows nothing where there is none, and what was set up anyway", async () => {
    await using home = new Home();
    expect(await home.setup()).toMatchObject({ code: 0, told: [] });
    await home.setup("claude-code");
    await home.setup("zed", "--project");
    expect((await home.setup()).told).toMatchObject([{ agent: "claude-code", state: "set up" }]);
    expect((await home.setup("--project")).told).toMatchObject([
      { agent: "claude-code", state: "not set up" },
      { agent: "zed", state: "set up", path: join(home.cwd, ".zed/settings.json") },
    ]);
  });
});

describe("setup --all", () => {
  test("sets up what is found and nothing else, and removes it again", async () => {
    await using home = new Home();
    home.write(`${ROWS.warp.used}/x`);
    home.write(`${ROWS.goose.used}/x`);
    const files = (change: string) => [
      { agent: "goose", files: [{ path: home.path(ROWS.goose.user), change }] },
      { agent: "warp", files: [{ path: home.path(ROWS.warp.user), change }] },
    ];
    expect((await home.setup("--all")).told).toEqual(files("added"));
    expect((await home.setup("--all")).told).toEqual(files("none"));
    expect((await home.setup("--all", "--remove")).told).toEqual(files("removed"));
  });

  test("changes nothing if one of the files is invalid", async () => {
    await using home = new Home();
    home.write(ROWS.cursor.user, "{}");
    const path = home.write(ROWS.warp.user, "{\n]");
    const { code, message, hint } = await home.refusal("--all");
    expect({ code, message }).toEqual({ code: 2, message: expect.stringContaining(`${path}:2: `) });
    expect(hint).toContain("fix the file");
    expect(home.read(ROWS.cursor.user)).toBe("{}");
  });

  test("is refused where no agent is found", async () => {
    await using home = new Home();
    expect((await home.refusal("--all")).message).toBe("no agents found");
  });
});

const additionTo = (home: Home, agent: AgentName) => {
  return { path: home.path(ROWS[agent].user), change: "added" };
};

describe("setup --print", () => {
  test("prints text to paste, and neither changes a file nor reveals its contents", async () => {
    await using home = new Home();
    home.write(ROWS["claude-code"].user, '{"oauthAccount": "secret"}');
    const { out, err } = await home.setup("claude-code", "--print");
    expect(JSON.parse(out)).toEqual({
      mcpServers: { portclaim: ROWS["claude-code"].entry(home.program, ["mcp-serve"]) },
    });
    expect(err).toBe(`portclaim: for ${home.path(ROWS["claude-code"].user)}\n`);
    expect(home.read(ROWS["claude-code"].user)).toBe('{"oauthAccount": "secret"}');
  });

  test("prints JSON if it is asked for", async () => {
    await using home = new Home();
    const { told } = await home.setup("continue", "--print", "--project", "--json");
    const [{ path, text }] = told.files;
    expect(path).toBe(join(home.cwd, ROWS.continue.project ?? ""));
    expect(parseYaml(text)).toMatchObject({ name: "portclaim", version: "0.0.1", schema: "v1" });
    expect(readdirSync(home.cwd)).toEqual([]);
  });
});

describe("the command that is written", () => {
  const initialize = {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "test", version: "1" },
    },
  };

  test("is the binary's path, and works from any directory without a PATH", async () => {
    await using home = new Home();
    home.env["PATH"] = "";
    await home.exec([BINARY, "setup", "codex"]);
    const entry = entryOf(ROWS.codex, home.read(ROWS.codex.user) ?? "");
    expect(entry).toEqual({ command: realpathSync(BINARY), args: ["mcp-serve"] });
    const { stdout } = Bun.spawnSync([BINARY, "mcp-serve"], {
      cwd: "/",
      env: { HOME: home.path(".") },
      stdin: Buffer.from(`${JSON.stringify(initialize)}\n`),
    });
    expect(stdout.toString()).toContain('"serverInfo":{"name":"portclaim"');
  });

  test("is the name on PATH where there is one, which an update keeps", async () => {
    await using home = new Home();
    await home.exec([BINARY, "setup", "cursor"]);
    await home.setup("zed");
    for (const row of [ROWS.cursor, ROWS.zed]) {
      const entry = entryOf(row, home.read(row.user) ?? "");
      expect(entry).toMatchObject({ command: home.program, args: ["mcp-serve"] });
    }
  });

  test("is never one below node_modules, which npx and package scripts put on PATH", async () => {
    await using home = new Home();
    const scripts = home.path("node_modules/.bin");
    mkdirSync(scripts, { recursive: true });
    symlinkSync(BINARY, join(scripts, "portclaim"));
    home.env["PATH"] = `${scripts}:${home.path("bin")}`;
    await home.setup("cursor");
    const entry = entryOf(ROWS.cursor, home.read(ROWS.cursor.user) ?? "");
    expect(entry).toMatchObject({ command: home.program });
    home.env["PATH"] = scripts;
    const { code, message, hint } = await home.refusal("zed");
    expect({ code, message }).toEqual({ code: 2, message: "portclaim is not installed" });
    expect(hint).toContain("npm install -g portclaim");
    expect(home.read(ROWS.zed.user)).toBeUndefined();
    expect((await home.setup("cursor", "--remove")).code).toBe(0);
    expect((await home.setup("zed", "--project")).code).toBe(0);
  });

  test("is the bare name in a project's file, even if the binary writes it", async () => {
    await using home = new Home();
    home.env["PORTCLAIM_HOME"] = home.path("registry");
    await home.exec([BINARY, "setup", "vscode", "--project"]);
    const text = readFileSync(join(home.cwd, ".vscode/mcp.json"), "utf8");
    expect(entryOf(ROWS.vscode, text)).toEqual(ROWS.vscode.entry("portclaim", ["mcp-serve"]));
    expect(text).not.toContain(home.path("."));
  });
});

describe("setup AGENT --skill", () => {
  const skill = readFileSync(join(ROOT, "skill/SKILL.md"), "utf8");

  test.each([
    ["for the user", [], ".claude/skills/portclaim/SKILL.md"],
    ["for a project", ["--project"], "my-app/.claude/skills/portclaim/SKILL.md"],
  ])("installs the skill %s, brings it up to date, and removes it", async (_who, flags, file) => {
    await using home = new Home();
    await home.setup("claude-code", "--skill", ...flags);
    expect(home.read(file)).toBe(skill);
    home.write(file, "an older one");
    const { told } = await home.setup("claude-code", "--skill", ...flags);
    expect(told.files).toMatchObject([{ change: "none" }, { change: "updated" }]);
    expect(home.read(file)).toBe(skill);
    await home.setup("claude-code", "--skill", "--remove", ...flags);
    expect(home.read(file)).toBeUndefined();
  });

  test.each([
    ["codex", ".agents/skills/portclaim/SKILL.md"],
    ["gemini", ".agents/skills/portclaim/SKILL.md"],
    ["continue", ".continue/skills/portclaim/SKILL.md"],
  ])("installs it where %s reads it", async (agent, file) => {
    await using home = new Home();
    await home.setup(agent, "--skill");
    expect(home.read(file)).toBe(skill);
    await home.setup(agent, "--skill", "--project");
    expect(home.read(`my-app/${file}`)).toBe(skill);
  });

  test("with --all installs it once where several agents read it, and leaves out those that don't", async () => {
    await using home = new Home();
    for (const { used } of [ROWS.codex, ROWS.qwen, ROWS.zed]) home.write(`${used}/x`);
    const { told } = await home.setup("--all", "--skill");
    const path = home.path(".agents/skills/portclaim/SKILL.md");
    expect(told).toEqual([
      { agent: "codex", files: [additionTo(home, "codex"), { path, change: "added" }] },
      { agent: "qwen", files: [additionTo(home, "qwen")] },
      { agent: "zed", files: [additionTo(home, "zed")] },
    ]);
    expect((await home.setup("--all", "--skill", "--remove")).code).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  test("isn't installed without the flag, and --print shows it with the flag", async () => {
    await using home = new Home();
    await home.setup("claude-code");
    expect(home.read(".claude/skills/portclaim/SKILL.md")).toBeUndefined();
    const { out } = await home.setup("claude-code", "--skill", "--print");
    expect(out).toEndWith(skill);
  });

  test("the skill is short, says when to use it, and has no $(…), which Gemini CLI refuses", () => {
    expect(skill.split("\n").length).toBeLessThan(100);
    expect(skill).not.toContain("$(");
    const { name, description } = parseYaml(skill.split("---\n")[1] ?? "");
    expect(name).toBe("portclaim");
    expect(description).toContain("Use before starting anything that listens");
    // Agent Skills: at most 1024 characters.
    expect(description.length).toBeLessThan(1024);
  });
});

describe("setup agents-md", () => {
  test("makes AGENTS.md, changes nothing the second time, and removes it", async () => {
    await using home = new Home();
    expect((await home.setup("agents-md")).told.files).toEqual([
      { path: join(home.cwd, "AGENTS.md"), change: "added" },
    ]);
    const text = home.read("my-app/AGENTS.md");
    expect(text).toContain("portclaim run web");
    expect(text).not.toContain("$(");
    expect((await home.setup("agents-md", "--print")).out).toBe(text as string);
    expect((await home.setup("agents-md")).told.files).toMatchObject([{ change: "none" }]);
    await home.setup("agents-md", "--remove");
    expect(home.read("my-app/AGENTS.md")).toBeUndefined();
    expect((await home.setup("agents-md", "--remove")).told.files).toMatchObject([
      { change: "none" },
    ]);
  });

  test.each(["# Rules\n", "# Rules\r\n\r\nBe brief.\r\n", "# Rules\n\n\n", "\n"])(
    "adds a block below %j, brings it up to date, and leaves no trace",
    async (before) => {
      await using home = new Home();
      home.write("my-app/AGENTS.md", before);
      await home.setup("agents-md");
      const added = home.read("my-app/AGENTS.md") ?? "";
      expect(added).toStartWith(before);
      expect(added.replaceAll("\r\n", "").includes("\n")).toBe(!before.includes("\r"));
      home.write("my-app/AGENTS.md", `${added.replace("## Ports", "## Old")}More.\n`);
      const { told } = await home.setup("agents-md");
      expect(told.files).toMatchObject([{ change: "updated" }]);
      expect(home.read("my-app/AGENTS.md")).toBe(`${added}More.\n`);
      home.write("my-app/AGENTS.md", added);
      await home.setup("agents-md", "--remove");
      expect(home.read("my-app/AGENTS.md") ?? "\n").toBe(before);
    },
  );

  test("adds it to CLAUDE.md and GEMINI.md too, unless they lead to AGENTS.md", async () => {
    await using home = new Home();
    home.write("my-app/AGENTS.md", "# Rules\n");
    home.write("my-app/CLAUDE.md", "Be brief.\n");
    home.write("my-app/GEMINI.md", "@AGENTS.md\n");
    const changes = (change: string) =>
      ["AGENTS.md", "CLAUDE.md"].map((name) => ({ path: join(home.cwd, name), change }));
    expect((await home.setup("agents-md")).told.files).toEqual(changes("added"));
    expect(home.read("my-app/CLAUDE.md")).toContain("portclaim run");
    expect((await home.setup("agents-md", "--remove")).told.files).toEqual(changes("removed"));
    expect(home.read("my-app/CLAUDE.md")).toBe("Be brief.\n");
    rmSync(home.path("my-app/CLAUDE.md"));
    symlinkSync("AGENTS.md", home.path("my-app/CLAUDE.md"));
    expect((await home.setup("agents-md")).told.files).toHaveLength(1);
  });

  test("refuses a block without an end", async () => {
    await using home = new Home();
    const path = home.write("my-app/AGENTS.md", "a\n<!-- portclaim:start -->\n");
    expect((await home.refusal("agents-md")).message).toStartWith(`${path}:2: `);
  });
});

test.each([
  [["emacs"], 'unknown agent "emacs"'],
  [["--print"], "missing AGENT"],
  [["--remove"], "missing AGENT"],
  [["--all", "--print"], "missing AGENT"],
  [["--all", "codex"], "--all can't be used with an agent"],
  [["codex", "--print", "--remove"], "--print can't be used with --remove"],
  [["cline", "--skill"], "Cline reads no skills"],
  [["agents-md", "--skill"], "--skill needs an agent"],
  [["cline", "--project"], "Cline has no file for a project"],
])("setup %j is refused", async (args, message) => {
  await using home = new Home();
  expect(await home.refusal(...args)).toMatchObject({
    code: 2,
    message: expect.stringContaining(message),
  });
});

test("a typo in an agent's name gets a suggestion, and aliases of agents are known", async () => {
  await using home = new Home();
  expect((await home.refusal("curser")).message).toEndWith("did you mean cursor?");
  expect((await home.setup("devin")).told).toMatchObject({ agent: "windsurf" });
});

test("a file that can't be written is named", async () => {
  await using home = new Home();
  home.write(".cursor", "not a directory");
  const { code, message } = await home.refusal("cursor");
  expect({ code, message }).toEqual({
    code: 1,
    message: expect.stringContaining(home.path(ROWS.cursor.user)),
  });
});
