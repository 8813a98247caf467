import { beforeAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";
import { BINARY, ROOT, World } from "../harness.ts";
import { buildBinary } from "../owner/scene.ts";
import { AGENTS, type AgentName, FILES, fixture, PACKAGE } from "./files.ts";

beforeAll(buildBinary);

class Home extends World {
  constructor(env: Record<string, string> = {}) {
    super(env);
    delete this.env["PORTCLAIM_HOME"];
    // The programs of agents that this machine happens to have don't count.
    this.env["PATH"] = this.path("bin");
    mkdirSync(this.path("bin"));
  }

  put(name: string, text = ""): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  read(name: string): string | undefined {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), "utf8") : undefined;
  }

  async setup(...args: string[]) {
    const { code, out, err } = await this.exec([...PACKAGE, "setup", ...args]);
    const isList = code === 0 && out.startsWith("{") && !args.includes("--print");
    return { code, out, err, files: isList ? JSON.parse(out).files : [] };
  }
}

const servers: Record<AgentName, (text: string) => unknown> = {
  "claude-code": (text) => JSON.parse(text).mcpServers.portclaim,
  codex: (text) => (parseToml(text) as any).mcp_servers.portclaim,
  gemini: (text) => JSON.parse(text).mcpServers.portclaim,
  cursor: (text) => JSON.parse(text).mcpServers.portclaim,
  windsurf: (text) => JSON.parse(text).mcpServers.portclaim,
  continue: (text) => parseYaml(text).mcpServers[0],
  cline: (text) => JSON.parse(text).mcpServers.portclaim,
};

const BUNX = { command: "bunx", args: ["portclaim", "mcp-serve"] };

describe("setup without an agent", () => {
  test("lists the agents that were used here or have a program, and whether they are set up", async () => {
    await using home = new Home();
    home.put(".cursor/mcp.json", fixture("cursor", "existing.before"));
    home.put(".codex/config.toml", fixture("codex", "already.before"));
    home.put(".gemini/settings.json", fixture("gemini", "malformed.before"));
    symlinkSync("/bin/true", home.path("bin/claude"));
    const { out } = await home.setup();
    const found = JSON.parse(out) as { agent: string; state: string; path: string }[];
    expect(found.map(({ agent, state }) => [agent, state])).toEqual([
      ["claude-code", "not set up"],
      ["codex", "set up"],
      ["gemini", "unreadable"],
      ["cursor", "not set up"],
    ]);
    expect(found[3]?.path).toBe(home.path(".cursor/mcp.json"));
    await home.setup("cursor", "--project");
    const project = await home.setup("--project");
    expect(JSON.parse(project.out)).toContainEqual(
      expect.objectContaining({ agent: "cursor", state: "set up" }),
    );
  });

  test("lists nothing where there is none", async () => {
    await using home = new Home();
    expect(await home.setup()).toMatchObject({ code: 0, out: "[]\n" });
  });
});

describe("setup --project", () => {
  const agents = AGENTS.filter((agent) => FILES[agent].project !== undefined);
  test.each(agents)(
    "writes the file of %s in the current directory, readable by all",
    async (agent) => {
      await using home = new Home();
      const path = join(home.cwd, FILES[agent].project ?? "");
      expect((await home.setup(agent, "--project")).files).toEqual([{ path, change: "added" }]);
      expect(servers[agent](readFileSync(path, "utf8"))).toMatchObject(BUNX);
      expect(lstatSync(path).mode & 0o777).toBe(0o644);
      expect(home.read(FILES[agent].user)).toBeUndefined();
      await home.setup(agent, "--project", "--remove");
      expect(existsSync(path)).toBe(false);
    },
  );

  test("is refused for Cline, which has no such file", async () => {
    await using home = new Home();
    const { code, err } = await home.setup("cline", "--project");
    expect(code).toBe(2);
    expect(JSON.parse(err).error.message).toContain("Cline");
  });
});

describe("setup --print", () => {
  test.each(AGENTS)("prints for %s what can be pasted, and changes nothing", async (agent) => {
    await using home = new Home();
    const { code, out, err } = await home.setup(agent, "--print");
    expect(code).toBe(0);
    expect(out).toBe(fixture(agent, "empty.after") as string);
    expect(err).toBe(`portclaim: for ${home.path(FILES[agent].user)}\n`);
    expect(readdirSync(home.path(".")).toSorted()).toEqual(["bin", "my-app"]);
  });

  test("prints JSON where that is asked for", async () => {
    await using home = new Home();
    const { out } = await home.setup("codex", "--print", "--json");
    const { files } = JSON.parse(out);
    expect(files).toEqual([
      { path: home.path(".codex/config.toml"), text: fixture("codex", "empty.after") },
    ]);
  });

  test("says nothing of what the file holds now", async () => {
    await using home = new Home();
    home.put(".claude.json", fixture("claude-code", "existing.before"));
    const { out } = await home.setup("claude-code", "--print");
    expect(out).not.toContain("secret");
  });
});

describe("the command that is written", () => {
  const start = (env: Record<string, string>, { command, args }: typeof BUNX) =>
    Bun.spawnSync([command, ...args], {
      cwd: "/",
      env,
      stdin: Buffer.from(
        `${JSON.stringify({
          jsonrpc: "2.0",
          id: 1,
          method: "initialize",
          params: {
            protocolVersion: "2025-06-18",
            capabilities: {},
            clientInfo: { name: "test", version: "1" },
          },
        })}\n`,
      ),
    }).stdout.toString();

  test("is the binary's path, and works from any directory without a PATH", async () => {
    await using home = new Home();
    await home.exec([BINARY, "setup", "codex"]);
    const server = servers.codex(home.read(".codex/config.toml") ?? "") as typeof BUNX;
    expect(server).toEqual({ command: realpathSync(BINARY), args: ["mcp-serve"] });
    expect(start({ HOME: home.path(".") }, server)).toContain('"serverInfo":{"name":"portclaim"');
  });

  test("is the binary's name on PATH where it has one, which an update keeps", async () => {
    await using home = new Home();
    const link = home.path("bin/portclaim");
    symlinkSync(BINARY, link);
    await home.exec(["/bin/sh", "-c", "portclaim setup cursor"]);
    const server = servers.cursor(home.read(".cursor/mcp.json") ?? "");
    expect(server).toMatchObject({ command: link, args: ["mcp-serve"] });
  });

  test("is bunx for the npm package, and a desktop's agent gets a word about that", async () => {
    await using home = new Home();
    const { files, err } = await home.setup("cursor");
    expect(files).toHaveLength(1);
    expect(servers.cursor(home.read(".cursor/mcp.json") ?? "")).toMatchObject(BUNX);
    expect(err).toContain("bunx");
  });

  test.each(AGENTS)("takes the terminal's registry along, which %s wouldn't", async (agent) => {
    await using home = new Home({ PORTCLAIM_HOME: "/somewhere/else" });
    home.env["PORTCLAIM_HOME"] = home.path("registry");
    await home.setup(agent);
    const env = { PORTCLAIM_HOME: home.path("registry") };
    const text = home.read(FILES[agent].user) ?? "";
    expect(servers[agent](text)).toMatchObject({ ...BUNX, env });
    expect((await home.setup(agent)).files[0].change).toBe("none");
    home.env["PORTCLAIM_HOME"] = home.path("another");
    expect((await home.setup(agent)).code).toBe(0);
    expect(home.read(FILES[agent].user)).toBe(text.replace("registry", "another"));
  });
});

describe("an agent's files are where the agent looks for them", () => {
  const cases: [AgentName, env: Record<string, string>, file: string][] = [
    ["claude-code", { CLAUDE_CONFIG_DIR: "claude" }, "claude/.claude.json"],
    ["codex", { CODEX_HOME: "codex" }, "codex/config.toml"],
    ["gemini", { GEMINI_CLI_HOME: "gemini" }, "gemini/.gemini/settings.json"],
    ["continue", { CONTINUE_GLOBAL_DIR: "continue" }, "continue/config.yaml"],
    ["cline", { CLINE_DIR: "cline" }, "cline/data/settings/cline_mcp_settings.json"],
    ["cline", { CLINE_DATA_DIR: "data" }, "data/settings/cline_mcp_settings.json"],
    ["cline", { CLINE_MCP_SETTINGS_PATH: "mine.json" }, "mine.json"],
  ];
  test.each(cases)("%s with %j", async (agent, env, file) => {
    await using home = new Home();
    for (const [name, path] of Object.entries(env)) home.env[name] = home.path(path);
    expect((await home.setup(agent)).files).toMatchObject([{ path: home.path(file) }]);
    expect(home.read(FILES[agent].user)).toBeUndefined();
  });

  const before = ".codeium/windsurf/mcp_config.json";
  const now = ".config/devin/mcp_config.json";
  test.each([
    [[before], [before]],
    [[now], [now]],
    [
      [before, now],
      [now, before],
    ],
  ])("Windsurf before and after its new name: with %j in %j", async (there, written) => {
    await using home = new Home();
    for (const name of there) home.put(name, "{}\n");
    const { files } = await home.setup("windsurf");
    expect(files.map(({ path }: { path: string }) => path)).toEqual(
      written.map((name) => home.path(name)),
    );
  });

  test("Cline's older extension has a file of its own, which is set up too", async () => {
    await using home = new Home();
    const old = home.put(
      ".config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
      "{}",
    );
    const { files } = await home.setup("cline");
    expect(files.map(({ path }: { path: string }) => path)).toEqual([
      home.path(FILES.cline.user),
      old,
    ]);
  });

  test("Continue with its deprecated config.json goes on with that", async () => {
    await using home = new Home();
    home.put(".continue/config.json", "{}");
    const { files } = await home.setup("continue");
    expect(files).toMatchObject([{ path: home.path(".continue/mcpServers/portclaim.json") }]);
    expect(home.read(".continue/config.yaml")).toBeUndefined();
  });

  test("one malformed file of two stops both", async () => {
    await using home = new Home();
    home.put(now, "{}\n");
    home.put(before, "{");
    const { code, err } = await home.setup("windsurf");
    expect(code).not.toBe(0);
    expect(err).toContain(before);
    expect(home.read(now)).toBe("{}\n");
  });
});

describe("a file is replaced", () => {
  test("through the symlink that stands for it, which stays one", async () => {
    await using home = new Home();
    const real = home.put("dotfiles/mcp.json", "{}\n");
    mkdirSync(home.path(".cursor"));
    symlinkSync(real, home.path(".cursor/mcp.json"));
    await home.setup("cursor");
    expect(lstatSync(home.path(".cursor/mcp.json")).isSymbolicLink()).toBe(true);
    expect(home.read("dotfiles/mcp.json")).toBe(fixture("cursor", "empty.after"));
    expect(readdirSync(home.path("dotfiles"))).toEqual(["mcp.json"]);
  });

  test("or an error says which one can't be", async () => {
    await using home = new Home();
    home.put(".cursor", "not a folder");
    const { code, err } = await home.setup("cursor");
    expect(code).toBe(1);
    expect(JSON.parse(err).error.message).toContain(home.path(".cursor"));
  });
});

describe("setup claude-code --skill", () => {
  const skill = readFileSync(join(ROOT, "skill/SKILL.md"), "utf8");

  test.each([
    ["for the user", [], ".claude/skills/portclaim/SKILL.md"],
    ["for a project", ["--project"], "my-app/.claude/skills/portclaim/SKILL.md"],
  ])("installs the skill %s, brings it up to date, and removes it", async (_who, flags, file) => {
    await using home = new Home();
    await home.setup("claude-code", "--skill", ...flags);
    expect(home.read(file)).toBe(skill);
    home.put(file, "an older one");
    const { files } = await home.setup("claude-code", "--skill", ...flags);
    expect(files.map(({ change }: { change: string }) => change)).toEqual(["none", "updated"]);
    expect(home.read(file)).toBe(skill);
    await home.setup("claude-code", "--skill", "--remove", ...flags);
    expect(home.read(file)).toBeUndefined();
  });

  test("is no part of what --print or setup do without the flag", async () => {
    await using home = new Home();
    await home.setup("claude-code");
    expect(home.read(".claude/skills/portclaim/SKILL.md")).toBeUndefined();
    const { out } = await home.setup("claude-code", "--skill", "--print");
    expect(out).toEndWith(skill);
  });

  test("the skill is short, and says what it is and when to use it", () => {
    expect(skill.split("\n").length).toBeLessThan(100);
    const [, head = ""] = skill.split("---\n");
    const { name, description } = parseYaml(head);
    expect(name).toBe("portclaim");
    expect(description).toContain("Use before starting anything that listens");
    // Agent Skills: at most 1024 characters.
    expect(description.length).toBeLessThan(1024);
  });
});

test.each([
  [["emacs"], "the agents are claude-code"],
  [["--print"], "no agent is named"],
  [["--remove"], "no agent is named"],
  [["codex", "--print", "--remove"], "different things"],
  [["codex", "--skill"], "for claude-code"],
])("setup %j is refused", async (args, message) => {
  await using home = new Home();
  const { code, err } = await home.setup(...args);
  expect(code).toBe(2);
  expect(JSON.parse(err).error.message).toContain(message);
});

test("a slip in an agent's name gets a suggestion", async () => {
  await using home = new Home();
  const { err } = await home.setup("curser");
  expect(JSON.parse(err).error.hint).toBe("did you mean: portclaim setup cursor?");
});
