import { beforeAll, describe, expect, test } from "bun:test";
import { until } from "../../harness.ts";
import {
  ASK,
  canStage,
  buildBinary,
  isGone,
  parentOf,
  Scene,
  startOf,
} from "../../shell-sandbox.ts";

/** A tmux server of its own, on a socket in the world's folder; it ends with the scene. */
async function tmux(scene: Scene, ...args: string[]): Promise<string> {
  const socket = scene.path("tmux");
  const shell = { SHELL: "/bin/bash", TERM: "xterm" };
  const command = ["tmux", "-S", socket, "-f", "/dev/null", ...args];
  const { code, out, err } = await scene.exec(command, { env: shell });
  if (code !== 0) throw new Error(`tmux ended with ${code}: ${err}`);
  return out.trim();
}

const PANE = ["-F", "#{pane_pid}", "-P"];

/** Commands that tmux gives to a shell, and whose pid it is that asks. */
const COMMANDS = {
  "a command line": `PORT=$(${ASK}); echo $PORT > ~/port; sleep 1000`,
  "a command line with a pipe": `PORT=$(${ASK} | cat); echo $PORT > ~/port; sleep 1000`,
  "a command line that becomes its server": `PORT=$(${ASK}); echo $PORT > ~/port; exec sleep 1000`,
  "a shell within": `bash -c '${ASK} > ~/port; sleep 1000'`,
};

beforeAll(buildBinary);

describe.if(canStage("tmux"))("in tmux", () => {
  for (const [form, line] of Object.entries({
    plain: `${ASK} > ~/port`,
    captured: `PORT=$(${ASK}); echo $PORT > ~/port`,
    "piped in $(…)": `PORT=$(${ASK} --json | jq .port); echo $PORT > ~/port`,
  })) {
    test(`the owner is the shell of the pane that asks, ${form}`, async () => {
      await using scene = new Scene();
      const shell = Number(await tmux(scene, "new-session", "-d", ...PANE));
      await tmux(scene, "send-keys", line, "Enter");
      const claim = await scene.claimOf(await scene.read("port"));
      expect(claim.pid).toBe(shell);
      expect(claim.owner?.start).toBe(startOf(shell) ?? "");

      await tmux(scene, "kill-session");
      await until("the shell is gone", () => isGone(shell));
      await scene.age(claim, 60);
      expect(await scene.reap()).toEqual([]);
    });
  }

  for (const [form, line] of Object.entries(COMMANDS)) {
    test(`the owner is the process of a session's command, never the server: ${form}`, async () => {
      await using scene = new Scene();
      const pane = Number(await tmux(scene, "new-session", "-d", ...PANE, line));
      const claim = await scene.claimOf(await scene.read("port"));
      expect(claim.pid).toBe(pane);
      expect(claim.pid).not.toBe(parentOf(pane));
      expect(claim.owner?.start).toBe(startOf(pane) ?? "");

      // Another session keeps the server.
      await tmux(scene, "new-session", "-d", "sleep 1000");
      await tmux(scene, "kill-session", "-t", "0");
      await until("the command is gone", () => isGone(pane));
      await scene.age(claim, 60);
      expect(await scene.reap()).toEqual([]);
    });
  }

  test("the owner is the script that a session runs", async () => {
    await using scene = new Scene();
    const body = `PORT=$(${ASK} | cat)\necho $PORT > ~/port\nsleep 1000\n`;
    const script = scene.write("dev", `#!/bin/bash\n${body}`);
    const pane = Number(await tmux(scene, "new-session", "-d", ...PANE, script));
    const claim = await scene.claimOf(await scene.read("port"));
    expect(claim.pid).toBe(pane);
    expect(claim.owner?.command).toBe("bash");
  });

  test("a session that is nothing but the call is refused: it has no owner", async () => {
    await using scene = new Scene();
    await tmux(scene, "new-session", "-d", "sleep 1000");
    await tmux(scene, "new-window", `exec ${ASK} 2> ~/error`);
    expect(await scene.read("error")).toContain("--pid PID");
    expect(await scene.list()).toEqual([]);
  });
});
