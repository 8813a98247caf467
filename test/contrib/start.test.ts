import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { BINARY, ROOT, until } from "../harness.ts";
import { accepts, hasEnded, parentOf } from "../processes.ts";
import { ShellSandbox } from "../shell-sandbox.ts";
import { Terminal } from "../terminal.ts";

const SCRIPT = join(ROOT, "contrib/portclaim-start");

/** Prints each signal that it gets, its arguments and its stdin; ends with 7 after a signal. */
const LISTENER = `#!/bin/sh
for name in INT TERM HUP; do trap "echo got $name; exit 7" $name; done
echo "arguments: $*"
while :; do sleep 0.01; done
`;

/** The output of a program, as far as it has come. */
function follow(stream: ReadableStream<Uint8Array>) {
  const seen = { text: "" };
  void (async () => {
    for await (const chunk of stream) seen.text += Buffer.from(chunk);
  })();
  return seen;
}

describe.each(["dash", "bash"])("portclaim-start in %s", (shell) => {
  const start = (service: string, ...words: string[]) => [shell, SCRIPT, service, ...words];

  test("appends the port, ends with the command's code, and frees the port", async () => {
    await using stage = new ShellSandbox();
    const web = await stage.acquire("--service", "web");
    await stage.run(["release", `${web}`]);
    const command = [
      "sh",
      "-c",
      'portclaim list --json; echo "$*"; exit 42',
      "sh",
      "a b",
      "--port",
    ];
    const flags = ["--prefer", `${web}`, "--project", "a project", "--lease", "persistent"];
    const { code, out } = await stage.exec(start("next-dev", ...flags, "--", ...command));
    expect(code).toBe(42);
    expect(out).toEndWith(`]\na b --port ${web}\n`);
    expect(JSON.parse(out.slice(0, out.lastIndexOf("]") + 1))).toMatchObject([
      { port: web, service: "next-dev", project: "a project", lease: "persistent" },
    ]);
    expect(await stage.list()).toEqual([]);
  });

  test("claims for as long as the command runs, and passes on its stdin", async () => {
    await using stage = new ShellSandbox();
    const child = stage.spawn(start("web", "--", "sh", "-c", "cat; exit 3"));
    const claim = await until("there is a claim", async () => (await stage.list())[0]);
    expect(claim).toMatchObject({ pid: child.pid, state: "starting", service: "web" });
    child.stdin.write("typed\n");
    await child.stdin.end();
    expect(await new Response(child.stdout).text()).toBe("typed\n");
    expect(await child.exited).toBe(3);
    expect(await stage.list()).toEqual([]);
  });

  test.each(["INT", "TERM", "HUP"] as const)("passes %s on, once", async (name) => {
    await using stage = new ShellSandbox();
    const listener = stage.write("my-app/listener", LISTENER);
    const child = stage.spawn(start("web", "--", listener));
    const shown = follow(child.stdout);
    await until("the command runs", () => shown.text.includes("arguments"));
    child.kill(`SIG${name}`);
    expect(await child.exited).toBe(7);
    expect(shown.text).toEndWith(`got ${name}\n`);
    expect(await stage.list()).toEqual([]);
  });

  test.each([
    ["INT", 130],
    ["TERM", 143],
    ["HUP", 129],
  ] as const)("if the command dies by %s, exits with %i", async (name, code) => {
    await using stage = new ShellSandbox();
    const child = stage.spawn(start("web", "--", "bun", stage.server));
    const { port } = await until("there is a claim", async () => (await stage.list())[0]);
    await until("the server listens", () => accepts(port));
    child.kill(`SIG${name}`);
    expect(await child.exited).toBe(code);
    expect(await stage.list()).toEqual([]);
  });

  test("on a terminal Ctrl-C reaches the command once", async () => {
    await using stage = new ShellSandbox();
    const listener = stage.write("my-app/listener", LISTENER.replace("exit 7", "count=$count+"));
    await using terminal = new Terminal(stage, start("web", "--", listener));
    await terminal.shows("arguments");
    terminal.pressCtrlC();
    await terminal.shows("got INT");
    terminal.child.kill("SIGTERM");
    const shown = await terminal.shows("got TERM");
    expect(shown.match(/got INT/g)).toHaveLength(1);
  });

  test("its command keeps running if it is killed itself, and the claim follows", async () => {
    await using stage = new ShellSandbox();
    const child = stage.spawn(start("web", "--", "bun", stage.server));
    const { port } = await until("there is a claim", async () => (await stage.list())[0]);
    await until("the server listens", () => accepts(port));
    const server = await stage.listener(port);
    expect(parentOf(server)).toBe(child.pid);
    child.kill("SIGKILL");
    await child.exited;
    expect(await stage.acquire("--service", "other", "--prefer", `${port}`)).not.toBe(port);
    expect(hasEnded(server)).toBe(false);
    expect(await stage.view(port)).toMatchObject({ state: "listening", service: "web" });
  });

  test("starts nothing if it can't get the port", async () => {
    await using stage = new ShellSandbox();
    const taken = await stage.acquire("--service", "web");
    const flags = ["--prefer", `${taken}`, "--exact"];
    const { code, out, err } = await stage.exec(start("mine", ...flags, "--", "echo", "started"));
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toContain(`port ${taken} is claimed`);
  });

  test.each([
    [127, "nonesuch"],
    [126, "/dev/null"],
  ])("exits with %i if the command can't be started, and frees the port", async (code, command) => {
    await using stage = new ShellSandbox();
    expect(await stage.exec(start("web", "--", command))).toMatchObject({ code, out: "" });
    expect(await stage.list()).toEqual([]);
  });

  test.each([
    [[]],
    [["web"]],
    [["web", "vite", "--port"]],
    [["web", "--"]],
    [["--", "vite"]],
    [["--prefer", "3000", "--", "vite"]],
  ])("refuses %j with its usage, and claims nothing", async (words) => {
    await using stage = new ShellSandbox();
    const { code, out, err } = await stage.exec([shell, SCRIPT, ...words]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toStartWith("usage: portclaim-start SERVICE");
    expect(await stage.list()).toEqual([]);
  });

  test("calls bunx if there is no command named portclaim", async () => {
    await using stage = new ShellSandbox();
    rmSync(stage.path("bin/portclaim"));
    mkdirSync(stage.path("else"));
    symlinkSync(BINARY, stage.path("else/portclaim"));
    const bunx = `#!/bin/sh\necho "$*" >> ${stage.path("calls")}\nPATH=${stage.path("else")}:$PATH exec "$@"\n`;
    stage.write("bin/bunx", bunx);
    stage.env["PATH"] = `${stage.path("bin")}:/usr/bin:/bin`;
    const { code, out } = await stage.exec(start("web", "--", "echo"));
    expect(code).toBe(0);
    expect(await Bun.file(stage.path("calls")).text()).toBe(
      `portclaim acquire --service web\nportclaim release ${out}`,
    );
  });
});

test("a real dev server, Vite, answers on the port and frees it when it is told to end", async () => {
  await using stage = new ShellSandbox();
  stage.write("my-app/index.html", "<!doctype html><title>served by Vite</title>");
  stage.env["PATH"] += `:${join(ROOT, "node_modules/.bin")}`;
  const port = await stage.acquire("--service", "next-dev");
  await stage.run(["release", `${port}`]);
  const flags = ["--prefer", `${port}`];
  const vite = ["vite", "--host", "127.0.0.1", "--strictPort", "--port"];
  const child = stage.spawn([SCRIPT, "next-dev", ...flags, "--", ...vite]);
  await stage.json("wait", "--service", "next-dev", "--http", "/", "--timeout", "40s");
  const page = await fetch(`http://127.0.0.1:${port}/`);
  expect(await page.text()).toContain("served by Vite");
  const [listener] = (await stage.view(port))?.listeners ?? [];
  expect(listener?.command).toBe("node vite");
  expect(await stage.view(port)).toMatchObject({ pid: child.pid, state: "listening" });

  child.kill("SIGTERM");
  expect(await child.exited).toBe(143);
  expect(await stage.list()).toEqual([]);
  expect(await accepts(port)).toBe(false);
});

test("both scripts pass shellcheck and node --check", async () => {
  await using stage = new ShellSandbox();
  const sync = join(ROOT, "contrib/portclaim-pm2-sync");
  for (const command of [
    ["shellcheck", "--severity=warning", SCRIPT],
    ["node", "--check", sync],
  ]) {
    expect(await stage.exec(command)).toEqual({ code: 0, out: "", err: "" });
  }
});
