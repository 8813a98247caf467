import { expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { bindPort, PORTCLAIM, script, World } from "../harness.ts";
import { needs } from "../needs.ts";
import { AS_NOBODY, NOBODY, ownNetwork } from "../privileged.ts";

/** Listens on the hosts, a port each from 4000 on; then runs each command line and prints all. */
const listening = (hosts: string[], commands: string[][]) =>
  script(`
    const { createServer } = await import("node:net");
    const hosts = ${JSON.stringify(hosts)};
    await Promise.all(hosts.map((host, i) => new Promise((listening, failed) =>
      createServer().on("error", failed)
        .listen({ port: 4000 + i, host, ipv6Only: host.includes(":") }, listening))));
    const results = ${JSON.stringify(commands)}.map((command) => {
      const { exitCode, stdout, stderr } = Bun.spawnSync(command);
      return { code: exitCode, out: String(stdout), err: String(stderr) };
    });
    console.log(JSON.stringify(results));
    process.exit(0);`);

const acquire = (...args: string[]) => [...PORTCLAIM, "acquire", "--service", "web", ...args];
const exactly = (port: number) => acquire("--prefer", String(port), "--exact");

function setRange(world: World, range: string): void {
  writeFileSync(`${world.home}/config.toml`, `[pool]\nrange = "${range}"\n`);
}

interface Outcome {
  code: number;
  out: string;
  err: string;
}

async function inOwnNetwork(world: World, setUp: string, command: string[]): Promise<Outcome[]> {
  const { out, err } = await world.exec(ownNetwork(`${setUp}\nexec "$@"`, ...command));
  expect(err).toBe("");
  return JSON.parse(out) as Outcome[];
}

needs("network namespaces").test(
  "row 43: a port that anything listens on is never granted, whatever the address",
  async () => {
    await using world = new World();
    setRange(world, "4000-4007");
    const hosts = ["127.0.0.1", "::1", "0.0.0.0", "::", "127.0.0.2", "10.9.8.7", "fd00::7"];
    const addresses = "ip addr add 10.9.8.7/32 dev lo; ip addr add fd00::7/128 dev lo nodad";
    const commands = [...hosts.map((_, i) => exactly(4000 + i)), acquire(), acquire()];
    const results = await inOwnNetwork(world, addresses, listening(hosts, commands));
    for (const [i, host] of hosts.entries()) {
      expect([host, results[i]?.code, results[i]?.out]).toEqual([host, 3, ""]);
      expect(results[i]?.err).toContain(`port ${4000 + i} is in use by `);
    }
    expect(results.at(-2)).toEqual({ code: 0, out: "4007\n", err: "" });
    expect(results.at(-1)).toMatchObject({ code: 3, out: "" });
    expect(results.at(-1)?.err).toContain("no free port in 4000-4007");
  },
);

needs("network namespaces").test("row 45: without IPv6 everything works", async () => {
  await using world = new World();
  setRange(world, "4000-4002");
  const off = "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6";
  const list = [...PORTCLAIM, "list", "--json"];
  const commands = [acquire(), exactly(4001), acquire(), acquire(), list];
  const results = await inOwnNetwork(world, off, listening(["127.0.0.1", "0.0.0.0"], commands));
  expect(results.slice(0, 4).map(({ code }) => code)).toEqual([0, 3, 3, 3]);
  expect(results[0]?.out).toBe("4002\n");
  expect(JSON.parse(results[4]?.out ?? "")).toMatchObject([{ port: 4002, state: "starting" }]);
});

test("row 47: a port that only a UDP socket holds is free", async () => {
  await using world = new World();
  const socket = await Bun.udpSocket({ hostname: "127.0.0.1", port: world.ports.next() });
  try {
    const asking = ["--service", "web", "--prefer", `${socket.port}`, "--exact"];
    expect(await world.acquire(...asking)).toBe(socket.port);
  } finally {
    socket.close();
  }
});

test("row 43: a listener that would share its port (SO_REUSEPORT) keeps it", async () => {
  await using world = new World();
  const options = { hostname: "127.0.0.1", port: 0, reusePort: true };
  await using server = Bun.serve({ ...options, fetch: () => new Response() });
  const args = ["acquire", "--service", "web", "--prefer", String(server.port), "--exact"];
  expect(await world.run(args)).toMatchObject({ code: 3 });
});

test("row 44: a port whose last connection lingers is granted", async () => {
  await using world = new World();
  // The side that closes first lingers in TIME_WAIT.
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { open: (socket) => void socket.end(), data() {} },
  });
  const { port } = server;
  const { promise, resolve } = Promise.withResolvers<void>();
  await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {}, close: () => resolve() } });
  await promise;
  server.stop(true);
  expect(await world.acquire("--service", "web", "--prefer", String(port), "--exact")).toBe(port);
});

test("the port is free for its server: portclaim keeps nothing bound", async () => {
  await using world = new World();
  const port = await world.acquire("--service", "web");
  for (const host of ["127.0.0.1", "0.0.0.0", "::1"]) {
    expect(await world.listen(port, host)).toBe(port);
    await world.stopListening();
  }
});

needs("another user", "network namespaces").test(
  "row 46: a privileged port is reported as such, and not granted",
  async () => {
    await using world = new World();
    const home = world.path("of-nobody");
    mkdirSync(home, { mode: 0o700 });
    chownSync(home, NOBODY, NOBODY);
    chmodSync(world.path("."), 0o755);
    const env = { PORTCLAIM_HOME: home };
    const ask = (...args: string[]) =>
      world.exec(ownNetwork('exec "$@"', ...AS_NOBODY, ...acquire(...args)), { env });
    const exact = await ask("--prefer", "80", "--exact");
    expect(exact).toMatchObject({ code: 3, out: "", err: expect.stringContaining("port 80 ") });
    const { code, out, err } = await ask("--prefer", "80");
    for (const port of [80, 3000]) expect(err).toContain(`${port}`);
    expect([code, out]).toEqual([0, "3000\n"]);
  },
);

needs("network namespaces").test(
  "a port that needs a privilege, or that browsers refuse, comes with a warning",
  async () => {
    await using world = new World();
    const ask = (port: string) =>
      world.exec(ownNetwork('exec "$@"', ...acquire("--prefer", port, "--exact")));
    expect(await ask("80")).toMatchObject({
      out: "80\n",
      err: "portclaim: warning: binding port 80 may need privileges\n",
    });
    expect(await ask("6000")).toMatchObject({
      out: "6000\n",
      err: "portclaim: warning: browsers block port 6000\n",
    });
    expect(await ask("8484")).toMatchObject({ code: 0, out: "8484\n" });
  },
);

test("a port that is bound without a listener is never granted", async () => {
  await using world = new World();
  // A connection from that port binds it.
  const target = await world.listen();
  const connecting = (port: number) => `use IO::Socket::INET; $| = 1;
    my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:${target}", LocalPort => ${port}) or die;
    print "connected\\n"; sleep 60;`;
  const { port, line } = await bindPort(world, (each) => ["perl", "-e", connecting(each)]);
  expect(line).toBe("connected");
  const args = ["acquire", "--service", "web", "--prefer", String(port), "--exact"];
  const { code, err } = await world.run(args);
  expect(err).toContain("is bound by a process that doesn't listen");
  expect(code).toBe(3);
});
