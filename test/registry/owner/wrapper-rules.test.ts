import { describe, expect, test } from "bun:test";
import { isCommandShell, isSupervisor, words } from "../../../registry/owner/wrappers.ts";
import { isSkipped, process } from "./step.ts";

const LINE = "next dev";

describe("a shell that was given its commands as an argument is thrown away", () => {
  test.each([
    [["sh", "-c", LINE]],
    [["/bin/bash", "-c", LINE]],
    [["bash", "-lc", LINE]],
    [["bash", "-c", "-l", LINE]],
    [["bash", "-l", "-c", LINE]],
    [["bash", "-o", "pipefail", "-ec", LINE]],
    [["bash", "-eo", "pipefail", "-c", LINE]],
    [["bash", "-O", "extglob", "-c", LINE]],
    [["bash", "+O", "extglob", "-c", LINE]],
    [["bash", "+x", "-c", LINE]],
    [["bash", "--rcfile", "setup", "-c", LINE]],
    [["bash", "--init-file", "setup", "-c", LINE]],
    [["bash", "--norc", "--noprofile", "-c", LINE]],
    [["bash", "-ic", LINE]],
    [["-bash", "-c", LINE]],
    [["zsh", "-ic", LINE]],
    [["zsh", "-o", "extendedglob", "-c", LINE]],
    [["dash", "-ec", LINE]],
    [["ksh", "-c", LINE]],
    [["tcsh", "-fc", LINE]],
    [["fish", "-c", LINE]],
    [["fish", "--command=next dev"]],
    [["fish", "--command", LINE]],
    [["fish", "--no-config", "-c", LINE]],
    [["busybox", "sh", "-c", LINE]],
    [["/bin/busybox", "ash", "-c", LINE]],
  ])("%j", (argv) => {
    expect(isCommandShell(words(argv))).toBe(true);
    expect(isSkipped(argv)).toBe(true);
  });
});

describe("a shell that runs a script, a terminal or a pipe stays", () => {
  test.each([
    [["bash"]],
    [["-bash"]],
    [["-zsh"]],
    [["bash", "-i"]],
    [["bash", "-il"]],
    [["bash", "--login"]],
    [["bash", "-s"]],
    [["sh", "-s", "operand"]],
    [["bash", "script.sh"]],
    [["bash", "script.sh", "-c"]],
    [["bash", "-e", "script.sh", "-c", LINE]],
    [["bash", "-x", "./dev", "acquire"]],
    [["bash", "-o", "pipefail", "script.sh", "-c"]],
    [["bash", "-O", "extglob", "script.sh", "-c"]],
    [["bash", "--rcfile", "-c"]],
    [["bash", "--init-file", "setup-c", "-i"]],
    [["bash", "--noprofile", "script.sh"]],
    [["sh", "--", "-c"]],
    [["sh", "-", "-c"]],
    [["zsh", "-f"]],
    [["fish"]],
    [["fish", "--no-config", "dev.fish", "-c"]],
    [["busybox", "sh"]],
    [["busybox", "sh", "script.sh", "-c"]],
  ])("%j", (argv) => {
    expect(isCommandShell(words(argv))).toBe(false);
    expect(isSkipped(argv, { parent: ["node", "agent.js"] })).toBe(false);
  });

  test("as does a program that is no shell and takes -c", () => {
    for (const argv of [
      ["python3", "-c", "import os"],
      ["psql", "-c", "select 1"],
      ["gcc", "-c"],
    ]) {
      expect(isCommandShell(argv)).toBe(false);
      expect(isSkipped(argv)).toBe(false);
    }
  });
});

describe("a forked copy of a shell is skipped", () => {
  test("where the kernel says that it has run no program since its fork", () => {
    expect(isSkipped(["bash", "dev.sh"], { parent: ["node", "agent.js"], forked: true })).toBe(
      true,
    );
    expect(isSkipped(["-zsh"], { forked: true })).toBe(true);
  });

  test("where the kernel doesn't say, by arguments that are its parent's", () => {
    expect(isSkipped(["bash", "dev.sh"], { parent: ["bash", "dev.sh"] })).toBe(true);
    expect(isSkipped(["bash", "dev.sh"], { parent: ["bash", "dev.sh", "again"] })).toBe(false);
    expect(isSkipped(["bash"])).toBe(false);
  });

  test("but not a forked copy of another program, which may live on", () => {
    const argv = ["python3", "server.py"];
    expect(isSkipped(argv, { parent: argv, forked: true })).toBe(false);
  });
});

test("the walk ends below what lives for ever", () => {
  const supervisors =
    "systemd launchd init cron crond SCREEN screen supervisord containerd-shim conmon";
  for (const name of [...supervisors.split(" "), "tmux: server"]) {
    expect([name, isSupervisor(process({ name }))]).toEqual([name, true]);
  }
  // proc_pid_comm(5) has no more than 15 characters of a name.
  expect(isSupervisor(process({ name: "containerd-shim-runc-v2".slice(0, 15) }))).toBe(true);
  for (const name of ["bash", "tmuxinator", "systemd-run", "claude", "node", "crontab"]) {
    expect([name, isSupervisor(process({ name }))]).toEqual([name, false]);
  }
});
