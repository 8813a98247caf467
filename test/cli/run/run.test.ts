import { expect } from "bun:test";
import { chmodSync } from "node:fs";
import { until } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { accepts, hasEnded } from "../../processes.ts";
import { SERVE, ShellSandbox } from "../../shell-sandbox.ts";
import { Terminal } from "../../terminal.ts";

const { test } = needs("Linux");

interface Who {
  claim: { pid: number; state: string; owner: { command: string } };
  listeners: { pid: number; command: string; covered: boolean }[];
}

/** The one claim there is. */
const only = (sandbox: ShellSandbox) =>
  until("there is a claim", async () => (await sandbox.list())[0]);

/** `portclaim run` with these flags before `--`, and this command after it. */
const run = (flags: string[], ...command: string[]) =>
  ["portclaim", "run"].concat(flags, "--", command);

const WEB = ["--service", "web"];

test("the server owns the claim, and the port is free when it exits", async () => {
  await using sandbox = new ShellSandbox();
  const server = sandbox.spawn(run(WEB, "python3", "-m", "http.server", "{port}"));
  const { port } = await only(sandbox);
  await until("it listens", () => accepts(port));
  const { claim, listeners } = await sandbox.json<Who>("who", `${port}`);
  expect(claim).toMatchObject({ pid: server.pid, state: "listening" });
  expect(claim.owner.command).toBe("python3");
  expect(listeners).toMatchObject([{ pid: server.pid, covered: true }]);
  expect(listeners[0]?.command).toMatch(/^python3/);

  server.kill("SIGTERM");
  await server.exited;
  expect(server.signalCode).toBe("SIGTERM");
  expect(await sandbox.state(port)).toBe("dead");
  const other = ["--service", "other", "--project", "other", "--prefer", `${port}`];
  expect(await sandbox.acquire(...other)).toBe(port);
});

test("row 52: Ctrl-C in a terminal ends the server, and the next acquire gets the port", async () => {
  await using sandbox = new ShellSandbox();
  await using terminal = new Terminal(sandbox, run(WEB, "python3", "-m", "http.server", "{port}"));
  const { port, pid } = await only(sandbox);
  expect(pid).toBe(terminal.child.pid);
  await until("it listens", () => accepts(port));
  // Once it has answered it handles Ctrl-C.
  await (await fetch(`http://127.0.0.1:${port}/`)).text();
  terminal.pressCtrlC();
  expect(await terminal.child.exited).toBe(0);
  await terminal.shows("Keyboard interrupt received");
  expect(await sandbox.acquire(...WEB)).toBe(port);
});

test("row 52: Ctrl-C in an interactive shell ends a command that has no handler for it", async () => {
  await using sandbox = new ShellSandbox();
  await using terminal = new Terminal(sandbox, ["bash", "--norc", "-i"]);
  terminal.enter(run(WEB, "bun", "~/server.js", "{port}").join(" "));
  const { port, pid } = await only(sandbox);
  await until("it listens", () => accepts(port));
  terminal.pressCtrlC();
  await until("it has ended", () => hasEnded(pid));
  terminal.enter("echo code=$?");
  await terminal.shows("code=130");
  expect(await sandbox.acquire(...WEB)).toBe(port);
});

test("a background process of a command keeps its port, which the claim follows", async () => {
  await using sandbox = new ShellSandbox();
  const daemonize = `setsid ${SERVE} $PORT > /dev/null 2>&1 & until portclaim wait $PORT; do :; done`;
  const { code } = await sandbox.exec(run(WEB, "sh", "-c", daemonize));
  expect(code).toBe(0);
  const { port, state, listeners } = await only(sandbox);
  expect(state).toBe("orphaned");
  const other = await sandbox.acquire("--service", "other", "--prefer", `${port}`);
  expect(other).not.toBe(port);
  expect(await sandbox.view(port)).toMatchObject({ pid: listeners[0]?.pid, state: "listening" });
});

test("a daemon keeps its port, though the command that started it exits before it listens", async () => {
  await using sandbox = new ShellSandbox({ AFTER: "after" });
  const daemonize = `cd ~ && setsid ${SERVE} $PORT > /dev/null 2>&1 &`;
  const { code } = await sandbox.exec(run(WEB, "sh", "-c", daemonize));
  expect(code).toBe(0);
  const { port, state } = await only(sandbox);
  expect(state).toBe("starting");
  // However long the machine takes.
  await sandbox.age({ port }, -60);
  const prefer = (service: string) =>
    sandbox.acquire("--service", service, "--prefer", `${port}`, "--pid", `${process.pid}`);
  expect(await prefer("other")).not.toBe(port);
  sandbox.write("after", "");
  await until("the daemon listens", () => accepts(port));
  expect(await prefer("another")).not.toBe(port);
  const { pid } = await sandbox.nextServer();
  expect(await sandbox.view(port)).toMatchObject({ pid, state: "listening" });
});

test("a daemon that never listens keeps its port for seconds only", async () => {
  await using sandbox = new ShellSandbox({ AFTER: "after" });
  await sandbox.exec(run(WEB, "sh", "-c", `cd ~ && setsid ${SERVE} $PORT > /dev/null 2>&1 &`));
  const { port } = await only(sandbox);
  await sandbox.age({ port }, 60);
  expect(await sandbox.state(port)).toBe("dead");
});

test("each service gets its variable, and each placeholder its port", async () => {
  await using sandbox = new ShellSandbox({ PORT: "1" });
  const script = 'printf "%s\\n" "$@" PORT=$PORT WEB_PORT=$WEB_PORT MY_API_PORT=$MY_API_PORT';
  const words = ["{port}", "http://[::1]:{my-api.port}/?{web.port}", "{db.port}", "{ports}", "{}"];
  const services = [...WEB, "--service", "my-api"];
  const { code, out } = await sandbox.exec(run(services, "sh", "-c", script, "sh", ...words));
  expect(code).toBe(0);
  const lines = out.trim().split("\n");
  const web = Number(lines[0]);
  const api = Number(/:(\d+)\//.exec(lines[1] ?? "")?.[1]);
  const claims = (await sandbox.list()).map(({ port, service }) => [service, port] as const);
  expect(Object.fromEntries(claims)).toEqual({ web, "my-api": api });
  expect(lines).toEqual([
    `${web}`,
    `http://[::1]:${api}/?${web}`,
    "{db.port}",
    "{ports}",
    "{}",
    `PORT=${web}`,
    `WEB_PORT=${web}`,
    `MY_API_PORT=${api}`,
  ]);
});

test("nothing else in the environment changes", async () => {
  await using sandbox = new ShellSandbox({
    EMPTY: "",
    LINES: "a\nb=c",
    "odd.name": "é",
    BUN_X: "1",
  });
  const plain = await sandbox.exec(["env", "-0"]);
  const { out } = await sandbox.exec(run(WEB, "env", "-0"));
  const isOurs = (variable: string) => variable.startsWith("PORTCLAIM_MARK=");
  const variables = (text: string) =>
    text
      .split("\0")
      .filter((variable) => variable !== "" && !isOurs(variable))
      .toSorted();
  const { port } = await only(sandbox);
  expect(variables(out)).toEqual(
    [...variables(plain.out), `PORT=${port}`, `WEB_PORT=${port}`].toSorted(),
  );
});

test.each([0, 1, 42, 255])("row 52: exit code %i is the command's own", async (code) => {
  await using sandbox = new ShellSandbox();
  expect(await sandbox.exec(run(WEB, "sh", "-c", `exit ${code}`))).toMatchObject({ code });
});

test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL", "SIGUSR1", "SIGPIPE"] as const)(
  "row 52: the command dies by %s, as it would without portclaim",
  async (signal) => {
    await using sandbox = new ShellSandbox();
    const child = sandbox.spawn(run(WEB, "sh", "-c", `kill -${signal.slice(3)} $$; sleep 60`));
    await child.exited;
    expect(child.signalCode).toBe(signal);
    expect((await only(sandbox)).state).toBe("dead");
  },
);

test("a script without #! is the shell's, with its arguments", async () => {
  await using sandbox = new ShellSandbox();
  const path = sandbox.write("my-app/plain", 'echo "$0" "$1" $WEB_PORT\n');
  chmodSync(path, 0o755);
  const { code, out } = await sandbox.exec(run(WEB, "./plain", "a  b"));
  expect(code).toBe(0);
  expect(out).toBe(`./plain a  b ${(await only(sandbox)).port}\n`);
});

test.each([
  [127, "nonesuch"],
  [127, "./nonesuch"],
  [127, "./README/nonesuch"],
  [127, "./lost"],
  [127, ""],
  [126, "./README"],
  [126, "."],
])(
  "a command that can't be started ends with %i and undoes the claim: %p",
  async (code, command) => {
    await using sandbox = new ShellSandbox();
    sandbox.write("my-app/README", "not a program");
    sandbox.write("my-app/lost", "#!/nowhere/interpreter\n");
    // One place of PATH is a file, one isn't there, one may not be looked at.
    sandbox.env["PATH"] += `:${sandbox.path("my-app/README")}:/nowhere:/proc/1/cwd`;
    const result = await sandbox.exec(run(WEB, command, "{port}"));
    expect(result).toMatchObject({ code, out: "", err: expect.stringContaining(command) });
    expect(await sandbox.list()).toEqual([]);
  },
);

test("--help after -- is the command's", async () => {
  await using sandbox = new ShellSandbox();
  const plain = await sandbox.exec(["npm", "--help"]);
  expect(plain.out).toContain("npm <command>");
  expect(await sandbox.exec(run(WEB, "npm", "--help"))).toEqual(plain);
  const own = await sandbox.run(["run", "--help", "--", "npm"]);
  expect(own.out).toContain("portclaim run");
  expect(await sandbox.list()).toHaveLength(1);
});

test.each([
  [["--service", "web"]],
  [["--service", "web", "--"]],
  [["--service", "a-b", "--service", "a_b", "--", "true"]],
  [["--service", "web", "--exact", "--", "true"]],
  [["--service", "web", "true"]],
])("misuse is refused before anything is claimed: %j", async (args) => {
  await using sandbox = new ShellSandbox();
  expect(await sandbox.run(["run", ...args])).toMatchObject({ code: 2, out: "" });
  expect(await sandbox.list()).toEqual([]);
});

test("two commands get two ports, and one that prefers a taken one is told who claimed it", async () => {
  await using sandbox = new ShellSandbox();
  const first = sandbox.spawn(run(WEB, "bun", sandbox.server, "{port}"));
  const { port } = await only(sandbox);
  const second = await sandbox.exec(run([...WEB, "--prefer", `${port}`], "sh", "-c", "echo $PORT"));
  expect(Number(second.out)).not.toBe(port);
  expect(second.err).toContain(`pid ${first.pid}`);
  const exact = [...WEB, "--prefer", `${port}`, "--exact"];
  expect(await sandbox.exec(run(exact, "echo", "ran"))).toMatchObject({ code: 3, out: "" });
});
