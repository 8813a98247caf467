import { describe, expect } from "bun:test";
import { Agent } from "../../agent.ts";
import { needs } from "../../needs.ts";
import { ASK, expectOwner, quote, ShellSandbox } from "../../shell-sandbox.ts";

/** Programs that ask for a port and go on. Each writes its own pid and the port, then waits. */
const PROGRAMS: Record<string, { files: Record<string, string>; argv: string[] }> = {
  "a bash script": script("#!/bin/bash", `PORT=$(${ASK})\necho $$ $PORT`),
  "a bash script with a pipe in $(…)": script(
    "#!/usr/bin/env bash",
    `PORT=$(${ASK} --json | jq .port)\necho $$ $PORT`,
  ),
  "a bash script with strict options": script(
    "#!/bin/bash -eu",
    `set -o pipefail\nPORT=$( (${ASK}; true) || true)\necho $$ $PORT`,
  ),
  "a sh script": script("#!/bin/sh", `PORT=$(${ASK})\necho $$ $PORT`),
  "a zsh script": script("#!/usr/bin/env zsh", `PORT=$(${ASK} | cat)\necho $$ $PORT`),
  "a fish script": script("#!/usr/bin/env fish", `set PORT (${ASK} | cat)\necho $fish_pid $PORT`),
  "a bash script whose function asks in a pipeline": script(
    "#!/bin/bash",
    `ask() { ${ASK}; }\nPORT=$(ask | cat)\necho $$ $PORT`,
  ),
  "a bash script whose subshell in the background asks": script(
    "#!/bin/bash",
    `( ${ASK} > ~/asked ) &\nwait\necho $$ $(cat ~/asked)`,
  ),
  "a bash script started as an argument": {
    ...script("", `PORT=$(${ASK})\necho $$ $PORT`),
    argv: ["bash", "-e", "./dev", "-c", "acquire"],
  },
  make: {
    files: { Makefile: `dev:\n\t@PORT=$$(${ASK}); echo $$PPID $$PORT > ~/said; sleep 1000\n` },
    argv: ["make", "-s", "dev"],
  },
  "make with a pipe in $(shell …)": {
    files: {
      Makefile: `PORT := $(shell ${ASK} | cat)\ndev:\n\t@echo $$PPID $(PORT) > ~/said; sleep 1000\n`,
    },
    argv: ["make", "-s", "dev"],
  },
  "python with subprocess(shell=True)": python(`subprocess.check_output("${ASK}", shell=True)`),
  "python with a pipe": python(`subprocess.check_output("${ASK} | cat", shell=True)`),
  "python with os.popen": python(`os.popen("${ASK}").read().encode()`),
  "npm run dev": {
    files: {
      "package.json": JSON.stringify({
        scripts: { dev: `PORT=$(${ASK}) && echo $PPID $PORT > ~/said && sleep 1000` },
      }),
    },
    argv: ["npm", "run", "dev"],
  },
  "npm run dev in npm run all": {
    files: {
      "package.json": JSON.stringify({
        scripts: {
          all: "npm run dev -- --port 3000",
          dev: `f() { PORT=$(${ASK} | cat); echo $PPID $PORT > ~/said; sleep 1000; }; f`,
        },
      }),
    },
    argv: ["npm", "run", "all"],
  },
  "a node script that starts it synchronously": {
    files: {
      "dev.js": `
        const port = require("child_process").execSync("${ASK}").toString();
        require("fs").writeFileSync(process.env.HOME + "/said", process.pid + " " + port);
        setInterval(() => {}, 1000);`,
    },
    argv: ["node", "dev.js"],
  },
};

function script(shebang: string, body: string) {
  // fish has no braces.
  const [begin, end] = shebang.endsWith("fish") ? ["begin", "end"] : ["{", "}"];
  const dev = `${shebang}\n${begin}\n${body}\n${end} > ~/said\nsleep 1000\n`;
  return { files: { dev }, argv: ["./dev"] };
}

/** The program that a script names in its first line. */
const shebangOf = (text: string) => /^#!(?:\/usr\/bin\/env )?(\S+)/.exec(text)?.[1] ?? "bash";

function python(expression: string) {
  const code = `import os, subprocess, time
port = ${expression}.decode()
open(os.path.expanduser("~/said"), "w").write(f"{os.getpid()} {port}")
time.sleep(1000)
`;
  return { files: { "dev.py": code }, argv: ["python3", "dev.py"] };
}

describe("an agent's command owns what it asks for:", () => {
  for (const [name, { files, argv }] of Object.entries(PROGRAMS)) {
    const program = files["dev"] ? shebangOf(files["dev"]) : (argv[0] ?? "");
    needs("Linux", "jq", program).test(name, async () => {
      await using sandbox = new ShellSandbox();
      for (const [file, text] of Object.entries(files)) sandbox.write(`my-app/${file}`, text);
      const agent = await Agent.start(sandbox);
      await agent.open(`exec ${argv.map(quote).join(" ")}`);
      const [pid = 0, port] = (await sandbox.read("said")).split(/\s+/).map(Number);
      const claim = await sandbox.claimOf(String(port));
      expectOwner(claim, pid);
      expect(await sandbox.state(claim.port)).toBe("starting");

      await sandbox.killAllBut(agent.pid);
      expect(await sandbox.reapLater(claim)).toEqual([]);
    });
  }
});
