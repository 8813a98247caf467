import { describe, expect, test } from "bun:test";
import type { Process } from "../../../native/types.ts";
import {
  isCommandShell,
  isSupervisor,
  isWrapper,
  words,
} from "../../../registry/owner/wrappers.ts";

const LINE = "next dev";
const CALL = ["sh", "-c", "portclaim acquire --service web"];

/** A process as the kernel shows it, of which only `facts` matter. */
const process = (facts: Partial<Process> = {}): Process => ({
  pid: 200,
  parent: 100,
  group: 200,
  start: 1,
  ended: false,
  forked: false,
  name: "any",
  hasTerminal: false,
  suspended: false,
  ...facts,
});

interface Setting {
  /** The arguments of its parent, and of what it started: none if that is portclaim. */
  parent?: string[];
  below?: string[] | undefined;
  forked?: boolean;
}

/** Whether a process with these arguments only carried a call of `portclaim acquire`. */
function isSkipped(argv: string[], { parent = [], below, forked = false }: Setting = {}): boolean {
  const step = { process: process({ forked }), argv: words(argv), parent: () => words(parent) };
  return isWrapper({ ...step, below: below && words(below) }, "acquire");
}

describe("a shell that was given its commands as an argument is a wrapper", () => {
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

describe("a shell that runs a script, a terminal or a pipe isn't a wrapper", () => {
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

  test("nor is a program that takes -c but isn't a shell", () => {
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

describe("a forked copy of a shell is a wrapper", () => {
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

  test("but not of another program, which may live on", () => {
    const argv = ["python3", "server.py"];
    expect(isSkipped(argv, { parent: argv, forked: true })).toBe(false);
  });
});

test("a program that never exits is a supervisor", () => {
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

describe("a launcher of portclaim is a wrapper", () => {
  test.each([
    [["npx", "portclaim", "acquire", "--service", "web"]],
    [["npm exec portclaim acquire --service web"]],
    [["npm run portclaim acquire --service web"]],
    [["npx portclaim@1.2.3 acquire --service web"]],
    [["node", "/usr/lib/node_modules/npm/bin/npx-cli.js", "portclaim", "acquire"]],
    [["bunx", "portclaim@1.2", "acquire", "--service", "web"]],
    [["bun", "x", "--bun", "portclaim", "acquire"]],
    [["bun", "run", "portclaim", "acquire"]],
    [["pnpm", "dlx", "portclaim@latest", "acquire"]],
    [["yarn", "portclaim", "acquire"]],
    [["node", "/app/node_modules/.bin/portclaim", "acquire"]],
    [["sh", "./node_modules/.bin/portclaim", "acquire", "--service", "web"]],
    [["/usr/bin/tclsh", "/usr/bin/unbuffer", "portclaim", "acquire"]],
    [["busybox", "timeout", "9", "portclaim", "acquire"]],
  ])("%j", (argv) => {
    expect(isSkipped(argv)).toBe(true);
  });
});

describe("a program that only has the word among its arguments isn't a launcher", () => {
  test.each([
    [["node", "agent.js", "/src/portclaim"]],
    [["node", "/src/portclaim/agent.js", "acquire"]],
    [["node", "agent.js", "--skill=portclaim", "acquire"]],
    [["claude", "portclaim"]],
    [["claude", "please run portclaim acquire for me"]],
    [["claude", "--add-dir", "/src/portclaim", "--resume"]],
    [["claude"]],
    [["vim", "portclaim"]],
    [["npm run dev"]],
    [["npm run portclaimed acquire"]],
    [["bun", "run", "dev", "acquire"]],
    [["bash", "/src/portclaim/dev.sh", "acquire"]],
    [["make", "acquire", "portclaim"]],
  ])("%j", (argv) => {
    expect(isSkipped(argv, { below: ["sh", "-c", "PORT=$(portclaim acquire) next dev"] })).toBe(
      false,
    );
  });

  test("nor is one that was given another command of portclaim", () => {
    expect(isSkipped(["npx", "portclaim", "list"])).toBe(false);
  });
});

/** What pnpm 12 puts before a script. */
const PNPM_TRAP =
  `trap 'if [ "$?" -eq 130 ]; then trap - INT; kill -s INT $$; fi; ` +
  `trap "trap - INT; kill -s INT $$" INT' INT; `;

describe("a runner of a script that is nothing but a call of portclaim is a wrapper", () => {
  test.each([
    [["npm run port"], CALL],
    [["npm run -s port"], undefined],
    [["node", "/usr/lib/node_modules/npm/bin/npm-cli.js", "run", "port"], CALL],
    [["pnpm", "run", "port"], CALL],
    [["node", "/opt/yarn/bin/yarn.js", "port"], CALL],
    [["node", "/opt/pnpm/bin/pnpm.cjs", "run", "port"], CALL],
    [["bun", "run", "port"], undefined],
    [["bun", "port"], CALL],
    [["npm run port"], ["sh", "-c", "node_modules/.bin/portclaim acquire --service web"]],
    [
      ["pnpm", "run", "port"],
      ["sh", "-c", `${PNPM_TRAP}portclaim acquire web`],
    ],
  ])("%j", (argv, below) => {
    expect(isSkipped(argv, { below })).toBe(true);
  });

  test.each([
    [["npm run dev"], ["sh", "-c", "PORT=$(portclaim acquire --service web) next dev"]],
    [["npm run dev"], ["sh", "-c", "portclaim acquire --service web > port && next dev"]],
    [["npm run dev"], ["sh", "-c", "portclaim acquire --service web; next dev"]],
    [["npm run dev"], ["sh", "-c", "portclaim acquire --service web | xargs next dev -p"]],
    [
      ["pnpm", "run", "dev"],
      ["sh", "-c", `${PNPM_TRAP}portclaim acquire web; next dev`],
    ],
    [["npm run dev"], ["node", "dev.js"]],
    [["bun", "test", "test/cli"], CALL],
    [["bun", "dev.ts"], undefined],
    [["bun", "dev.ts"], CALL],
    [["bun", "--smol", "/srv/dev.js", "port"], CALL],
    [["bun", "run", "./dev.ts"], undefined],
    [["node", "dev.js"], CALL],
    [["node", "npm.ts", "run", "port"], CALL],
    [["bun", "run"], undefined],
    [["make", "port"], CALL],
  ])("but not %j with %j", (argv, below) => {
    expect(isSkipped(argv, { below })).toBe(false);
  });
});

test("a program that runs another one and ends with it is a wrapper", () => {
  const wrappers =
    "env timeout nice nohup sudo su doas runuser xargs time script flock direnv mise strace";
  for (const program of wrappers.split(" ")) {
    expect([program, isSkipped([program, "some", "program"])]).toEqual([program, true]);
    expect([program, isSkipped([`/usr/bin/${program}`, "x"])]).toEqual([program, true]);
  }
  for (const program of ["node", "make", "python3", "npm", "nodemon", "ssh", "docker", "watch"]) {
    const skipped = isSkipped([program, "some", "program"], { below: ["sh", "-c", "next dev"] });
    expect([program, skipped]).toEqual([program, false]);
  }
});
