import { expect } from "bun:test";
import { until } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { hasEnded, parentOf } from "../../processes.ts";
import { ASK, expectOwner, ShellSandbox } from "../../shell-sandbox.ts";

/** A tmux server of its own, on a socket in the sandbox; it ends with the sandbox. */
async function tmux(sandbox: ShellSandbox, ...args: string[]): Promise<string> {
  const shell = { SHELL: "/bin/bash", TERM: "xterm" };
  const command = ["tmux", "-S", sandbox.path("tmux"), "-f", "/dev/null", ...args];
  const { code, out, err } = await sandbox.exec(command, { env: shell });
  if (code !== 0) throw new Error(`tmux ended with ${code}: ${err}`);
  return out.trim();
}

const PANE = ["-F", "#{pane_pid}", "-P"];

/** Command lines that are typed into a pane. */
const TYPED = {
  plain: `${ASK} > ~/port`,
  captured: `PORT=$(${ASK}); echo $PORT > ~/port`,
  "piped in $(…)": `PORT=$(${ASK} --json | jq .port); echo $PORT > ~/port`,
};

/** Commands that tmux gives to a shell. */
const COMMANDS = {
  "a command line": `PORT=$(${ASK}); echo $PORT > ~/port; sleep 1000`,
  "a command line with a pipe": `PORT=$(${ASK} | cat); echo $PORT > ~/port; sleep 1000`,
  "a command line that becomes its server": `PORT=$(${ASK}); echo $PORT > ~/port; exec sleep 1000`,
  "a shell within": `bash -c '${ASK} > ~/port; sleep 1000'`,
};

const { describe, test } = needs("Linux", "jq", "tmux");

describe("in tmux", () => {
  test.each(Object.entries(TYPED))(
    "the owner is the shell of the pane that asks: %s",
    async (_form, line) => {
      await using sandbox = new ShellSandbox();
      const shell = Number(await tmux(sandbox, "new-session", "-d", ...PANE));
      await tmux(sandbox, "send-keys", line, "Enter");
      const claim = await sandbox.claimOf(await sandbox.read("port"));
      expectOwner(claim, shell);

      await tmux(sandbox, "kill-session");
      await until("the shell is gone", () => hasEnded(shell));
      expect(await sandbox.reapLater(claim)).toEqual([]);
    },
  );

  test.each(Object.entries(COMMANDS))(
    "the owner is the process of a session's command, never the tmux server: %s",
    async (_form, line) => {
      await using sandbox = new ShellSandbox();
      const pane = Number(await tmux(sandbox, "new-session", "-d", ...PANE, line));
      const claim = await sandbox.claimOf(await sandbox.read("port"));
      expectOwner(claim, pane);
      expect(claim.pid).not.toBe(parentOf(pane));

      // Another session keeps the server.
      await tmux(sandbox, "new-session", "-d", "sleep 1000");
      await tmux(sandbox, "kill-session", "-t", "0");
      await until("the command is gone", () => hasEnded(pane));
      expect(await sandbox.reapLater(claim)).toEqual([]);
    },
  );

  test("the owner is the script that a session runs", async () => {
    await using sandbox = new ShellSandbox();
    const body = `PORT=$(${ASK} | cat)\necho $PORT > ~/port\nsleep 1000\n`;
    const script = sandbox.write("dev", `#!/bin/bash\n${body}`);
    const pane = Number(await tmux(sandbox, "new-session", "-d", ...PANE, script));
    const claim = await sandbox.claimOf(await sandbox.read("port"));
    expectOwner(claim, pane);
    expect(claim.owner?.command).toBe("bash");
  });

  test("a session that is nothing but the call has no owner, and is refused", async () => {
    await using sandbox = new ShellSandbox();
    await tmux(sandbox, "new-session", "-d", "sleep 1000");
    await tmux(sandbox, "new-window", `exec ${ASK} 2> ~/error`);
    expect(await sandbox.read("error")).toContain("--pid PID");
    expect(await sandbox.list()).toEqual([]);
  });
});
