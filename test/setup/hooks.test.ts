import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { guardCommand, HOOKS } from "../../setup/agents/hooks.ts";
import type { AgentName } from "../../setup/names.ts";
import { BINARY, World } from "../harness.ts";

const NAMES = Object.keys(HOOKS) as AgentName[];
const OWN_FILE = ["copilot", "opencode"];
const GUARD = "portclaim guard x";

function hookOf(name: AgentName) {
  const hook = HOOKS[name];
  if (hook === undefined) throw new Error(`${name} has no hook`);
  return hook;
}

describe.each(NAMES)("the hook of %s", (name) => {
  const { edit, user, project } = hookOf(name);

  test("is added to a file that isn't there, once, and removed with it", () => {
    const { change, text } = edit(undefined, GUARD, false);
    expect([change, text]).toEqual(["added", expect.stringContaining(GUARD)]);
    expect(edit(text, GUARD, false)).toEqual({ change: "none", text });
    expect(edit(text, GUARD, true)).toEqual({ change: "removed", text: undefined });
    expect(edit(undefined, GUARD, true).change).toBe("none");
  });

  test("of an older portclaim is replaced", () => {
    const { text } = edit(undefined, "/old/portclaim guard x", false);
    const updated = edit(text, GUARD, false);
    expect(updated.change).toBe("updated");
    expect(updated.text).toBe(edit(undefined, GUARD, false).text);
  });

  test("is in a file of the project that names no path", () => {
    expect(project).not.toStartWith("/");
    expect(user({ home: "/home/me", env: {}, platform: "linux" })).toStartWith("/home/me/");
  });

  if (OWN_FILE.includes(name)) return;

  test("leaves the hooks and settings of others alone", () => {
    const { text: alone = "" } = edit(undefined, "other-guard", false);
    const before = alone.replace("{", '{\n  // mine\n  "theme": "dark",');
    const { text = "" } = edit(before, GUARD, false);
    for (const kept of ["// mine", '"theme": "dark"', "other-guard", GUARD])
      expect(text).toContain(kept);
    const { text: after = "" } = edit(text, GUARD, true);
    expect(after.replace(/\s/g, "")).toBe(before.replace(/\s/g, ""));
  });

  test("isn't added to a file that can't be read", () => {
    expect(() => edit("{", GUARD, false)).toThrow();
    expect(() => edit('{"hooks":7}', GUARD, false)).toThrow();
  });
});

test("its command keeps the registry of the terminal, and quotes what the shell would split", () => {
  const server = { command: "/opt/my tools/portclaim", args: [], env: { PORTCLAIM_HOME: "/r" } };
  expect(guardCommand(server, "codex")).toBe(
    "PORTCLAIM_HOME=/r '/opt/my tools/portclaim' guard codex",
  );
});

test("setup --guard adds server, skill and hook, and removes all of them again", async () => {
  await using world = new World();
  const env = { PATH: `${dirname(BINARY)}:/usr/bin:/bin` };
  const settings = `${world.env["HOME"]}/.claude/settings.json`;
  mkdirSync(dirname(settings), { recursive: true });
  writeFileSync(settings, '{ "model": "opus" }\n');
  const { out } = await world.run(["setup", "claude-code", "--guard", "--json"], { env });
  expect(JSON.parse(out)).toMatchObject({ files: [{}, {}, { path: settings, change: "added" }] });
  const { hooks } = JSON.parse(readFileSync(settings, "utf8")) as {
    hooks: Record<string, { hooks: { command: string }[] }[]>;
  };
  expect(Object.keys(hooks)).toEqual(["PreToolUse", "SessionStart"]);

  const [hook] = hooks["PreToolUse"] ?? [];
  const asked = JSON.stringify({ tool_input: { command: "kill $PPID" }, cwd: "/" });
  const ask = ["sh", "-c", `printf '%s' '${asked}' | ${hook?.hooks[0]?.command}`];
  const answered = await world.exec(ask, { env: { PORTCLAIM_GUARD_TIMEOUT: "30s" } });
  expect(JSON.parse(answered.out)).toMatchObject({
    hookSpecificOutput: { permissionDecision: "deny" },
  });

  await world.run(["setup", "claude-code", "--guard", "--remove"], { env });
  expect(JSON.parse(readFileSync(settings, "utf8"))).toEqual({ model: "opus" });
  expect(existsSync(`${world.env["HOME"]}/.claude/skills/portclaim/SKILL.md`)).toBe(false);
});

test("in Gemini CLI's settings, server and hook come and go together", async () => {
  await using world = new World();
  const env = { PATH: `${dirname(BINARY)}:/usr/bin:/bin` };
  const path = `${world.env["HOME"]}/.gemini/settings.json`;
  await world.run(["setup", "gemini", "--guard"], { env });
  expect(Object.keys(JSON.parse(readFileSync(path, "utf8")) as object)).toEqual([
    "mcpServers",
    "hooks",
  ]);
  await world.run(["setup", "gemini", "--guard", "--remove"], { env });
  expect(existsSync(path)).toBe(false);
});

test("an agent without a hook is refused", async () => {
  await using world = new World();
  const env = { PATH: `${dirname(BINARY)}:/usr/bin:/bin` };
  expect(await world.run(["setup", "zed", "--guard"], { env })).toMatchObject({
    code: 2,
    err: expect.stringContaining("has no hook"),
  });
});
