import { describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { firstLine, until } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { accepts, kill } from "../../processes.ts";
import { ShellSandbox } from "../../shell-sandbox.ts";
import { Terminal } from "../../terminal.ts";

// Nearly all of their time is spent waiting.
const { concurrent: test } = needs("Linux").test;

/** Answers the nth request with the nth status, then with the last; "never" never answers. */
const ANSWERING = `
const [port, hostname, ...statuses] = process.argv.slice(2);
const seen = [];
Bun.serve({
  port, hostname, development: false,
  async fetch(request) {
    const status = statuses[Math.min(seen.push(new URL(request.url).pathname), statuses.length) - 1];
    if (status === "never") await new Promise(() => {});
    await Bun.write("requests.json", JSON.stringify(seen));
    return new Response("", { status: Number(status), headers: { location: "/elsewhere" } });
  },
});
`;

/** Accepts connections once it reads a line, and never says a word. */
const SILENT = `
const [port] = process.argv.slice(2);
process.stdin.once("data", () => {
  const open = () => console.log(performance.timeOrigin + performance.now());
  Bun.listen({ port: Number(port), hostname: "127.0.0.1", socket: { open, data() {} } });
});
`;

/** Starts \`portclaim wait\`; it has looked several times when this returns. */
async function waiting(sandbox: ShellSandbox, ...args: string[]) {
  const child = sandbox.spawn(["portclaim", "wait", ...args]);
  await until("it has slept between looks", () => {
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    return Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1]) > 8;
  });
  return child;
}

/** Starts a server that answers these statuses. */
async function answering(sandbox: ShellSandbox, port: number, host: string, ...statuses: string[]) {
  sandbox.write("my-app/answering.js", ANSWERING);
  sandbox.spawn(["bun", "./answering.js", `${port}`, host, ...statuses]);
  await until(`it listens on ${host}`, () => accepts(port, host));
}

test("it returns soon after the server accepts connections", async () => {
  await using sandbox = new ShellSandbox();
  sandbox.write("my-app/silent.js", SILENT);
  const delays: number[] = [];
  // The quickest of several, since anything else that this machine does only adds to it.
  for (let i = 0; i < 3; i++) {
    const port = await sandbox.acquire("--service", `web-${i}`);
    const server = sandbox.spawn(["bun", "./silent.js", `${port}`]);
    const wait = await waiting(sandbox, `${port}`);
    expect(wait.exitCode).toBeNull();
    server.stdin.write("listen\n");
    server.stdin.flush();
    expect(await wait.exited).toBe(0);
    delays.push(performance.timeOrigin + performance.now() - Number(await firstLine(server)));
  }
  expect(Math.min(...delays)).toBeLessThan(500);
});

describe.each(["127.0.0.1", "::1", "0.0.0.0", "::"])("a server that listens on %s", (host) => {
  const reached = host.includes(":") ? "::1" : "127.0.0.1";

  test("is waited for, and so is its end", async () => {
    await using sandbox = new ShellSandbox();
    const port = await sandbox.acquire("--service", "web");
    const wait = await waiting(sandbox, "--service", "web");
    const server = sandbox.spawn(["bun", sandbox.server, `${port}`, host]);
    expect(await wait.exited).toBe(0);
    expect(await accepts(port, reached)).toBe(true);
    expect(await sandbox.json<object>("wait", `${port}`, "--http", "/")).toEqual({
      port,
      state: "accepting",
    });

    const free = await waiting(sandbox, `${port}`, "--free");
    server.kill("SIGKILL");
    expect(await free.exited).toBe(0);
    expect(await accepts(port, reached)).toBe(false);
    expect(await sandbox.json<object>("wait", `${port}`, "--free")).toEqual({
      port,
      state: "free",
    });
  });
});

test.each([
  [["503", "404", "204"], 3],
  [["500", "302"], 2],
  [["200"], 1],
])("over HTTP, %j takes %i requests", async (statuses, requests) => {
  await using sandbox = new ShellSandbox();
  // A proxy is for what is elsewhere.
  sandbox.env["http_proxy"] = "http://127.0.0.1:1";
  const port = await sandbox.acquire("--service", "web");
  await answering(sandbox, port, "127.0.0.1", ...statuses);
  expect(await sandbox.run(["wait", `${port}`, "--http", "health"])).toMatchObject({ code: 0 });
  const asked = await Bun.file(sandbox.path("my-app/requests.json")).json();
  expect(asked).toEqual(Array.from({ length: requests }, () => "/health"));
});

test("one address that answers is enough, even if another never does", async () => {
  await using sandbox = new ShellSandbox();
  const port = await sandbox.acquire("--service", "web");
  await answering(sandbox, port, "::1", "never");
  await answering(sandbox, port, "127.0.0.1", "200");
  const args = ["wait", `${port}`, "--http", "/", "--timeout", "40s"];
  expect(await sandbox.run(args)).toMatchObject({ code: 0 });
});

test("a service that is claimed later is waited for", async () => {
  await using sandbox = new ShellSandbox();
  const wait = await waiting(sandbox, "--service", "late");
  await sandbox.start(await sandbox.acquire("--service", "late"));
  expect(await wait.exited).toBe(0);
});

test("a wait of months doesn't end after a millisecond", async () => {
  await using sandbox = new ShellSandbox();
  const port = await sandbox.listen();
  const args = ["wait", `${port}`, "--timeout", "90d"];
  expect(await sandbox.run(args)).toMatchObject({ code: 0, err: "" });
});

describe("a timeout names what was seen last:", () => {
  /** Waits longer and longer until it has seen that: an answer takes its time on a busy machine. */
  async function sees(sandbox: ShellSandbox, args: string[], seen: RegExp): Promise<void> {
    let timeout = 150;
    await until(`it has seen ${seen}`, async () => {
      const started = performance.now();
      timeout *= 2;
      const refused = await sandbox.refusal("wait", ...args, "--timeout", `${timeout}ms`);
      expect(performance.now() - started).toBeGreaterThan(timeout);
      expect(refused).toMatchObject({ exit: 1, code: "timeout" });
      return seen.test(refused.message);
    });
  }

  test("nothing listens, no port is claimed, something still listens", async () => {
    await using sandbox = new ShellSandbox();
    const port = await sandbox.acquire("--service", "web");
    await sees(sandbox, [`${port}`], new RegExp(`${port}.*nothing listens`));
    await sees(sandbox, ["--service", "web"], new RegExp(`"web".*${port}.*nothing listens`));
    await sees(sandbox, ["--service", "api"], /"api".*claimed/);
    await sandbox.start(port);
    await sees(sandbox, [`${port}`, "--free"], new RegExp(`${port}.*still listens`));
  });

  test.each([
    ["503", /503.*\/health/],
    ["404", /404.*\/health/],
    ["never", /doesn't answer \/health/],
  ])("the answer %s", async (status, seen) => {
    await using sandbox = new ShellSandbox();
    const port = await sandbox.acquire("--service", "web");
    await answering(sandbox, port, "127.0.0.1", status);
    await sees(sandbox, [`${port}`, "--http", "/health"], seen);
  });

  test("no answer from a server that doesn't speak HTTP, or that was suspended", async () => {
    await using sandbox = new ShellSandbox();
    const port = await sandbox.acquire("--service", "other");
    sandbox.write("my-app/silent.js", SILENT);
    sandbox.spawn(["bun", "./silent.js", `${port}`]).stdin.write("listen\n");
    await until("it listens", () => accepts(port));
    await sees(sandbox, [`${port}`, "--http", "/"], /doesn't answer \//);
    const web = await sandbox.acquire("--service", "web");
    const pid = await sandbox.start(web);
    process.kill(pid, "SIGSTOP");
    await sees(sandbox, [`${web}`], /is suspended$/);
    kill(pid);
  });
});

test("--free with --http is refused", async () => {
  await using sandbox = new ShellSandbox();
  const both = await sandbox.run(["wait", "1", "--free", "--http", "/"]);
  expect(both).toMatchObject({ code: 2, err: expect.stringContaining("--free") });
});

test("on a terminal it says that the server is ready", async () => {
  await using sandbox = new ShellSandbox();
  const port = await sandbox.acquire("--service", "web");
  await sandbox.start(port);
  await using terminal = new Terminal(sandbox, ["portclaim", "wait", `${port}`]);
  expect(await terminal.child.exited).toBe(0);
  expect(await terminal.all()).toBe(`port ${port} is ready: http://localhost:${port}\n`);
});
