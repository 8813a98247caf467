import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { AGENT_NAMES, type AgentName } from "../../setup/names.ts";
import { apply, findAgents, plansFor, type Request, statusOf } from "../../setup/setup.ts";
import { temporaryFolder } from "../harness.ts";
import { entryOf, fileOf, ROWS } from "./rows.ts";

/** A home directory, and a project in it. */
class Home implements Disposable {
  readonly #folder = temporaryFolder();
  readonly path = this.#folder.path;
  readonly project = join(this.path, "my-app");
  /** An installed portclaim, on PATH. */
  readonly program = this.write("bin/portclaim", "", 0o755);

  request(
    scope = "user",
    env: Record<string, string> = {},
    platform: NodeJS.Platform = "linux",
  ): Request {
    const place = { home: this.path, env: { PATH: dirname(this.program), ...env }, platform };
    return scope === "user" ? { place } : { place, project: this.project };
  }

  write(name: string, text: string | Uint8Array = "", mode = 0o640): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode });
    return path;
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

/** Adds or removes the server, and returns what became of the files. */
function change(agent: AgentName, request: Request, remove = false) {
  const plans = plansFor(agent, request, remove);
  for (const plan of plans) apply(plan, request.project === undefined);
  return plans.map(({ path, change: what }) => [path, what]);
}

/** Whether one text is another with something put in at one place. */
function isInsertion(before: string, after: string): boolean {
  const head = [...before].findIndex((char, at) => char !== after[at]);
  return head < 0 || after.endsWith(before.slice(head));
}

const scopes = AGENT_NAMES.flatMap((agent): [AgentName, string][] =>
  ROWS[agent].project
    ? [
        [agent, "user"],
        [agent, "project"],
      ]
    : [[agent, "user"]],
);

describe.each(scopes)("setup %s for a %s", (agent, scope) => {
  const row = ROWS[agent];
  const name = scope === "user" ? row.user : join("my-app", row.project ?? "");
  const entry = ({ program }: Home, env?: Record<string, string>) =>
    scope === "user"
      ? row.entry(program, ["mcp-serve"], env)
      : row.entry("portclaim", ["mcp-serve"]);

  test("makes the file, changes nothing the second time, and removes the file", () => {
    using home = new Home();
    const path = join(home.path, name);
    expect(change(agent, home.request(scope))).toEqual([[path, "added"]]);
    const text = readFileSync(path, "utf8");
    expect(entryOf(row, text)).toEqual(entry(home));
    expect(statSync(path).mode & 0o777).toBe(scope === "user" ? 0o600 : 0o644);
    expect(statusOf(home.request(scope))).toContainEqual(
      expect.objectContaining({ agent, state: "set up", path }),
    );
    expect(change(agent, home.request(scope))).toEqual([[path, "none"]]);
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(change(agent, home.request(scope), true)).toEqual([[path, "removed"]]);
    expect(existsSync(path)).toBe(false);
    expect(change(agent, home.request(scope), true)).toEqual([[path, "none"]]);
  });

  test("keeps the rest of a file byte for byte, and its mode", () => {
    using home = new Home();
    const before = fileOf(row);
    const path = home.write(name, before);
    change(agent, home.request(scope));
    const text = readFileSync(path, "utf8");
    expect(entryOf(row, text)).toEqual(entry(home));
    expect(isInsertion(before, text)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    change(agent, home.request(scope), true);
    expect(readFileSync(path, "utf8")).toBe(before);
  });

  test("corrects how the server is started, and keeps other settings of the user", () => {
    using home = new Home();
    const own = { ...row.entry("/old/portclaim", ["x"]), theirs: 7 };
    const path = home.write(name, fileOf(row, own));
    expect(change(agent, home.request(scope))).toEqual([[path, "updated"]]);
    const text = readFileSync(path, "utf8");
    expect(entryOf(row, text)).toEqual({ ...entry(home), theirs: 7 });
    expect(text.split("\n").filter((line) => fileOf(row).includes(line)).length).toBeGreaterThan(3);
  });

  test("passes on this terminal's registry, except in a project", () => {
    using home = new Home();
    const path = join(home.path, name);
    for (const registry of ["/srv/ports", "/srv/others"]) {
      change(agent, home.request(scope, { PORTCLAIM_HOME: registry }));
      const text = readFileSync(path, "utf8");
      expect(entryOf(row, text)).toEqual(entry(home, { PORTCLAIM_HOME: registry }));
      if (scope === "project") expect(text).not.toContain("/");
    }
  });

  test.each(["{[\n", new Uint8Array([0x7b, 0xff, 0x7d])])(
    "leaves an invalid file unchanged",
    (bytes) => {
      using home = new Home();
      const path = home.write(name, bytes);
      const before = readFileSync(path);
      for (const remove of [false, true]) {
        expect(() => change(agent, home.request(scope), remove)).toThrow(`${path}:`);
      }
      expect(readFileSync(path)).toEqual(before);
    },
  );
});

describe("an agent is found", () => {
  test.each(AGENT_NAMES)("%s by what it left, by its file, or by its program", (agent) => {
    const { used, user, program } = ROWS[agent];
    for (const name of [used, user, join("bin", program)]) {
      using home = new Home();
      chmodSync(home.write(name), 0o755);
      expect(findAgents(home.request())).toEqual([agent]);
    }
  });

  test("for a project only if it has a file for one", () => {
    using home = new Home();
    home.write(ROWS.cline.user);
    home.write(ROWS.cursor.user);
    expect(findAgents(home.request("project"))).toEqual(["cursor"]);
  });

  test("nowhere in an empty home", () => {
    using home = new Home();
    expect(statusOf(home.request())).toEqual([]);
  });
});

describe("an agent's file is where the agent looks for it", () => {
  const moved: [AgentName, variable: string, file: string][] = [
    ["claude-code", "CLAUDE_CONFIG_DIR", "x/.claude.json"],
    ["codex", "CODEX_HOME", "x/config.toml"],
    ["gemini", "GEMINI_CLI_HOME", "x/.gemini/settings.json"],
    ["vscode", "XDG_CONFIG_HOME", "x/Code/User/mcp.json"],
    ["copilot", "COPILOT_HOME", "x/mcp-config.json"],
    ["opencode", "XDG_CONFIG_HOME", "x/opencode/opencode.json"],
    ["kilo", "XDG_CONFIG_HOME", "x/kilo/kilo.jsonc"],
    ["qwen", "QWEN_HOME", "x/settings.json"],
    ["continue", "CONTINUE_GLOBAL_DIR", "x/config.yaml"],
    ["cline", "CLINE_DIR", "x/data/settings/cline_mcp_settings.json"],
    ["cline", "CLINE_DATA_DIR", "x/settings/cline_mcp_settings.json"],
    ["cline", "CLINE_MCP_SETTINGS_PATH", "x"],
    ["zed", "XDG_CONFIG_HOME", "x/zed/settings.json"],
    ["goose", "XDG_CONFIG_HOME", "x/goose/config.yaml"],
    ["goose", "GOOSE_PATH_ROOT", "x/config/config.yaml"],
    ["amp", "XDG_CONFIG_HOME", "x/amp/settings.json"],
    ["amp", "AMP_SETTINGS_FILE", "x"],
    ["crush", "XDG_CONFIG_HOME", "x/crush/crush.json"],
    ["crush", "CRUSH_GLOBAL_CONFIG", "x/crush.json"],
  ];
  test.each(moved)("%s with %s", (agent, variable, file) => {
    using home = new Home();
    const request = home.request("user", { [variable]: join(home.path, "x") });
    expect(change(agent, request)).toEqual([[join(home.path, file), "added"]]);
  });

  test.each([
    ["vscode", "Library/Application Support/Code/User/mcp.json"],
    ["zed", ".config/zed/settings.json"],
    ["opencode", ".config/opencode/opencode.json"],
  ] as const)("%s on macOS", (agent, file) => {
    using home = new Home();
    const [plan] = plansFor(agent, home.request("user", {}, "darwin"), false);
    expect(plan?.path).toBe(join(home.path, file));
  });

  const shared = ".gemini/config/mcp_config.json";
  const older = ".gemini/antigravity/mcp_config.json";
  const devin = ".config/devin/mcp_config.json";
  const codeium = ".codeium/windsurf/mcp_config.json";
  const extension =
    ".config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json";
  const there: [AgentName, scope: string, there: string[], used: string[]][] = [
    ["antigravity", "user", [older], [older]],
    ["antigravity", "user", [older, shared], [shared, older]],
    [
      "vscode",
      "user",
      [".config/Code - Insiders/User/x"],
      [".config/Code - Insiders/User/mcp.json"],
    ],
    ["opencode", "user", [".config/opencode/opencode.jsonc"], [".config/opencode/opencode.jsonc"]],
    ["opencode", "project", ["my-app/opencode.jsonc"], ["my-app/opencode.jsonc"]],
    ["kilo", "user", [".config/kilo/kilo.json"], [".config/kilo/kilo.json"]],
    ["kilo", "project", ["my-app/kilo.json"], ["my-app/kilo.json"]],
    ["windsurf", "user", [codeium], [codeium]],
    ["windsurf", "user", [codeium, devin], [devin, codeium]],
    ["continue", "user", [".continue/config.json"], [".continue/mcpServers/portclaim.json"]],
    ["cline", "user", [extension], [ROWS.cline.user, extension]],
    ["amp", "user", [".config/amp/settings.jsonc"], [".config/amp/settings.jsonc"]],
    ["crush", "project", ["my-app/crush.json"], ["my-app/crush.json"]],
  ];
  test.each(there)("%s of a %s with %j: in %j", (agent, scope, files, used) => {
    using home = new Home();
    for (const file of files) home.write(file, "{}\n");
    const paths = change(agent, home.request(scope)).map(([path]) => path);
    expect(paths).toEqual(used.map((file) => join(home.path, file)));
  });

  test("one invalid file of two stops both", () => {
    using home = new Home();
    home.write(devin, "{}\n");
    home.write(codeium, "{");
    expect(() => change("windsurf", home.request())).toThrow(codeium);
    expect(readFileSync(join(home.path, devin), "utf8")).toBe("{}\n");
  });

  test("Cline's CLI nests what starts a server, and finds it there again", () => {
    using home = new Home();
    const entry = (command: string) => ({
      mcpServers: { portclaim: { transport: { type: "stdio", command, args: ["mcp-serve"] } } },
    });
    const path = home.write(ROWS.cline.user, JSON.stringify(entry("/old")));
    change("cline", home.request());
    expect(JSON.parse(readFileSync(path, "utf8")).mcpServers.portclaim).toEqual({
      transport: { type: "stdio", command: home.program, args: ["mcp-serve"] },
    });
  });
});

describe("a file is replaced", () => {
  test("through a symlink to it, which stays a symlink", () => {
    using home = new Home();
    const real = home.write("dotfiles/mcp.json", "{}\n");
    mkdirSync(join(home.path, ".cursor"));
    symlinkSync(real, join(home.path, ".cursor/mcp.json"));
    change("cursor", home.request());
    expect(lstatSync(join(home.path, ".cursor/mcp.json")).isSymbolicLink()).toBe(true);
    expect(entryOf(ROWS.cursor, readFileSync(real, "utf8"))).toBeDefined();
    expect(readdirSync(dirname(real))).toEqual(["mcp.json"]);
  });

  test("even if only its directory is writable, but not if another program wrote to it", () => {
    using home = new Home();
    const path = home.write(ROWS.cursor.user, "{}\n");
    chmodSync(path, 0o440);
    const plans = plansFor("cursor", home.request(), false);
    expect(change("cursor", home.request())).toEqual([[path, "added"]]);
    const text = readFileSync(path, "utf8");
    for (const plan of plans) {
      expect(() => apply(plan, true)).toThrow("was changed by another program");
    }
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(readdirSync(dirname(path))).toEqual(["mcp.json"]);
  });
});
