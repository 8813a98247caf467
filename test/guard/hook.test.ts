import { describe, expect, test } from "bun:test";
import { BINARY, World } from "../harness.ts";

const ASKED = JSON.stringify({ tool_input: { command: "kill $PPID" }, cwd: "/" });

describe("a hook whose command line is wrong lets the command run, and says what is wrong", () => {
  test.each([
    [[], "missing agent"],
    [["nonesuch"], 'unknown agent "nonesuch"'],
    [["claude-code", "--nonesuch"], "unknown flag --nonesuch"],
    [["claude-code", "--json", "now"], "now"],
    [["--agent"], "--agent"],
    [["$AGENT", "codex"], "codex"],
  ])("%p", async (args, said) => {
    await using world = new World();
    const env = { PORTCLAIM_GUARD_TIMEOUT: "30s" };
    const { code, out, err } = await world.exec([BINARY, "guard", ...args], { input: ASKED, env });
    expect([code, out]).toEqual([0, ""]);
    expect(err).toContain(said);
  });
});

test("on a terminal, and of --explain, a wrong command line exits with 2", async () => {
  await using world = new World();
  expect((await world.run(["guard", "--explain"])).code).toBe(2);
  const onTerminal = ["script", "-qec", `${BINARY} guard`, "/dev/null"];
  expect((await world.exec(onTerminal)).code).toBe(2);
});
