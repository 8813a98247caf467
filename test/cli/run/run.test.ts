import { beforeAll, expect, test } from "bun:test";
import { until } from "../../harness.ts";
import { buildBinary } from "../../shell-sandbox.ts";
import { accepts, hasEnded, Stage } from "../../stage.ts";
import { Terminal } from "../../terminal.ts";

beforeAll(buildBinary);

interface Who {
  claim: { pid: number; state: string; owner: { command: string } };
  listeners: { pid: number; command: string; covered: boolean }[];
}

/** The one claim there is. */
const only = (stage: Stage) => until("there is a claim", async () => (await stage.list())[0]);

/** `portclaim run` with these flags before `--`, and this command after it. */
const run = (flags: string[], ...command: string[]) => [
  "portclaim",
  "run",
  ...flags,
  "--",
  ...command,
];

const WEB = ["--service", "web"];

test("the claim's pid is the server's own, and the port is free when it ends", async () => {
  await using stage = new Stage();
  const server = stage.spawn(run(WEB, "python3", "-m", "http.server", "{port}"));
  const { port } = await only(stage);
  await until("it listens", () => accepts(port));
  const { claim, listeners } = await stage.json<Who>("who", `${port}`);
  expect(claim).toMatchObject({ pid: server.pid, state: "listening" });
  expect(claim.owner.command).toBe("python3");
  expect(listeners).toMatchObject([{ pid: server.pid, covered: true }]);
  expect(listeners[0]?.command).toMatch(/^python3/);

  server.kill("SIGTERM");
  await server.exited;
  expect(server.signalCode).toBe("SIGTERM");
  expect(await stage.state(port)).toBe("dead");
  const other = ["--service", "other", "--project", "other", "--prefer", `${port}`];
  expect(await stage.acquire(...other)).toBe(port);
});

test("row 52: Ctrl-C in a terminal ends the server, and the next acquire gets the port", async () => {
  await using stage = new Stage();
  await using terminal = new Terminal(stage, run(WEB, "python3", "-m", "http.server", "{port}"));
  const { port, pid } = await only(stage);
  expect(pid).toBe(terminal.child.pid);
  await until("it listens", () => accepts(port));
  // Once it has answered it is where it minds Ctrl-C.
  await (await fetch(`http://127.0.0.1:${port}/`)).text();
  terminal.pressCtrlC();
  expect(await terminal.child.exited).toBe(0);
  await terminal.shows("Keyboard interrupt received");
  expect(await stage.acquire(...WEB)).toBe(port);
});

test("row 52: Ctrl-C in an interactive shell ends a command that has no handler for it", async () => {
  await using stage = new Stage();
  await using terminal = new Terminal(stage, ["bash", "--norc", "-i"]);
  terminal.type(`${run(WEB, stage.bun, stage.server, "{port}").join(" ")}\n`);
  const { port, pid } = await only(stage);
  await until("it listens", () => accepts(port));
  terminal.pressCtrlC();
  await until("it has ended", () => hasEnded(pid));
  terminal.type("echo code=$?\n");
  await terminal.shows("code=130");
  expect(await stage.acquire(...WEB)).toBe(port);
});

test("a background process of a command keeps its port, which the claim follows", async () => {
  await using stage = new Stage();
  const daemonize = `setsid ${stage.serve} $PORT > /dev/null 2>&1 & until portclaim wait $PORT; do :; done`;
  const { code } = await stage.exec(run(WEB, "sh", "-c", daemonize));
  expect(code).toBe(0);
  const { port, state, listeners } = await only(stage);
  expect(state).toBe("orphaned");
  const other = await stage.acquire("--service", "other", "--prefer", `${port}`);
  expect(other).not.toBe(port);
  expect(await stage.view(port)).toMatchObject({ pid: listeners[0]?.pid, state: "listening" });
});

test("each service gets its variable, and each placeholder its port", async () => {
  await using stage = new Stage({ PORT: "1" });
  const script = 'printf "%s\\n" "$@" PORT=$PORT WEB_PORT=$WEB_PORT MY_API_PORT=$MY_API_PORT';
  const words = ["{port}", "http://[::1]:{my-api.port}/?{web.port}", "{db.port}", "{ports}", "{}"];
  const services = [...WEB, "--service", "my-api"];
  const { code, out } = await stage.exec(run(services, "sh", "-c", script, "sh", ...words));
  expect(code).toBe(0);
  const lines = out.trim().split("\n");
  const web = Number(lines[0]);
  const api = Number(/:(\d+)\//.exec(lines[1] ?? "")?.[1]);
  const claims = (await stage.list()).map(({ port, service }) => [service, port] as const);
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
  await using stage = new Stage({ EMPTY: "", LINES: "a\nb=c", "odd.name": "é", BUN_X: "1" });
  const plain = await stage.exec(["env", "-0"]);
  const { out } = await stage.exec(run(WEB, "env", "-0"));
  const variables = (text: string) => text.split("\0").filter(Boolean).toSorted();
  const { port } = await only(stage);
  expect(variables(out)).toEqual(
    [...variables(plain.out), `PORT=${port}`, `WEB_PORT=${port}`].toSorted(),
  );
});

test.each([0, 1, 42, 255])("row 52: exit code %i is the command's own", async (code) => {
  await using stage = new Stage();
  expect(await stage.exec(run(WEB, "sh", "-c", `exit ${code}`))).toMatchObject({ code });
});

test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL", "SIGUSR1", "SIGPIPE"] as const)(
  "row 52: the command dies by %s as it would without us",
  async (signal) => {
    await using stage = new Stage();
    const child = stage.spawn(run(WEB, "sh", "-c", `kill -${signal.slice(3)} $$; sleep 60`));
    await child.exited;
    expect(child.signalCode).toBe(signal);
    expect((await only(stage)).state).toBe("dead");
  },
);

test("a script without #! is the shell's, with its arguments", async () => {
  await using stage = new Stage();
  const path = stage.write("my-app/plain", 'echo "$0" "$1" $WEB_PORT\n');
  Bun.spawnSync(["chmod", "755", path]);
  const { code, out } = await stage.exec(run(WEB, "./plain", "a  b"));
  expect(code).toBe(0);
  expect(out).toBe(`./plain a  b ${(await only(stage)).port}\n`);
});

test.each([
  [127, "nonesuch", "Cannot run nonesuch: there is no such command"],
  [127, "./nonesuch", "Cannot run ./nonesuch: there is no such command"],
  [127, "./README/nonesuch", "there is no such command"],
  [127, "./lost", "Cannot run the interpreter of ./lost: there is no such command"],
  [127, "", "there is no such command"],
  [126, "./README", "Cannot run ./README: permission is denied"],
  [126, ".", "permission is denied"],
])(
  "a command that can't be started ends with %i and undoes the claim: %p",
  async (code, command, message) => {
    await using stage = new Stage();
    stage.write("my-app/README", "not a program");
    stage.write("my-app/lost", "#!/nowhere/interpreter\n");
    // One place of PATH is a file, one isn't there, one may not be looked at.
    stage.env["PATH"] += `:${stage.path("my-app/README")}:/nowhere:/proc/1/cwd`;
    const result = await stage.exec(run(WEB, command, "{port}"));
    expect(result).toMatchObject({ code, out: "", err: expect.stringContaining(message) });
    expect(await stage.list()).toEqual([]);
  },
);

test("help that is asked for after -- is the command's", async () => {
  await using stage = new Stage();
  const plain = await stage.exec(["npm", "--help"]);
  expect(plain.out).toContain("npm <command>");
  expect(await stage.exec(run(WEB, "npm", "--help"))).toEqual(plain);
  const own = await stage.portclaim("run", "--help", "--", "npm");
  expect(own.out).toContain("portclaim run");
  expect(await stage.list()).toHaveLength(1);
});

test.each([
  [["--service", "web"], "no command is named"],
  [["--service", "web", "--"], "no command is named"],
  [["--", "true"], "no service is named"],
  [["--service", "a-b", "--service", "a_b", "--", "true"], "A_B_PORT"],
  [["--service", "web", "--exact", "--", "true"], "no port is preferred"],
  [["--service", "web", "true"], '"true"'],
])("misuse is refused before anything is claimed: %j", async (args, message) => {
  await using stage = new Stage();
  const { code, err } = await stage.portclaim("run", ...args);
  expect(err).toContain(message);
  expect(code).toBe(2);
  expect(await stage.list()).toEqual([]);
});

test("two at once get two ports, and who prefers a taken one is told whose it is", async () => {
  await using stage = new Stage();
  const first = stage.spawn(run(WEB, stage.bun, stage.server, "{port}"));
  const { port } = await only(stage);
  const second = await stage.exec(run([...WEB, "--prefer", `${port}`], "sh", "-c", "echo $PORT"));
  expect(Number(second.out)).not.toBe(port);
  expect(second.err).toContain(`pid ${first.pid}`);
  const exact = [...WEB, "--prefer", `${port}`, "--exact"];
  expect(await stage.exec(run(exact, "echo", "ran"))).toMatchObject({ code: 3, out: "" });
});
