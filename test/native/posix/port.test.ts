import { expect, test } from "bun:test";
import { createConnection, createServer } from "node:net";
import { probe } from "../../../native/posix/port.ts";
import { freePort, ROOT, script, until, World } from "../../harness.ts";
import { AS_NOBODY, canBeNobody, canOwnNetwork, ownNetwork } from "../../privileged.ts";

const linux = process.platform === "linux";
const hosts = ["127.0.0.1", "0.0.0.0", "::1", "::", ...(linux ? ["127.0.0.2"] : [])];

test.each(hosts)(
  "row 43: a port with a listener on %s is used, and free afterwards",
  async (host) => {
    await using world = new World();
    const port = await world.listen(0, host);
    expect(probe(port)).toBe("used");
    await world.stopListening();
    expect(probe(port)).toBe("free");
  },
);

test("row 43: a port with listeners of both families is used", async () => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen({ port: 0, host: "::" }, listening));
  const { port } = server.address() as { port: number };
  expect(probe(port)).toBe("used");
  await new Promise((closed) => server.close(closed));
  expect(probe(port)).toBe("free");
});

test("row 43: a port that a listener would share (SO_REUSEPORT) is used", async () => {
  await using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    reusePort: true,
    fetch: () => new Response(),
  });
  expect(probe(server.port ?? 0)).toBe("used");
});

test("row 48: the local port of an outgoing connection is used", async () => {
  await using world = new World();
  const socket = createConnection(await world.listen(), "127.0.0.1");
  const { promise, resolve } = Promise.withResolvers();
  socket.once("connect", resolve);
  await promise;
  expect(probe(socket.localPort ?? 0)).toBe("used");
  socket.destroy();
});

test.if(linux)("row 44: a port whose last connection lingers in TIME_WAIT is free", async () => {
  // The side that closes a connection first is left in TIME_WAIT.
  const server = createServer((socket) => socket.end());
  await new Promise<void>((listening) => server.listen({ port: 0, host: "127.0.0.1" }, listening));
  const { port } = server.address() as { port: number };
  const client = createConnection(port, "127.0.0.1").resume();
  await new Promise((closed) => client.once("close", closed));
  await new Promise((closed) => server.close(closed));
  await until("it lingers", async () => {
    const table = await Bun.file("/proc/net/tcp").text();
    return table.split("\n").some((line) => isLingering(line, port));
  });
  expect(probe(port)).toBe("free");
});

const isLingering = (line: string, port: number) => {
  const [, local = "", , state] = line.trim().split(/\s+/);
  return state === "06" && parseInt(local.split(":")[1] ?? "", 16) === port;
};

test("row 49: a server can start on a port that is being probed", async () => {
  await using world = new World();
  const port = await freePort();
  for (let i = 0; i < 20; i++) {
    for (let j = 0; j < 50; j++) expect(probe(port)).toBe("free");
    expect(await world.listen(port)).toBe(port);
    await world.stopListening();
  }
});

test("a probe leaves no descriptor open", () => {
  const count = () =>
    Array.from(new Bun.Glob("*").scanSync({ cwd: "/dev/fd", onlyFiles: false })).length;
  const before = count();
  for (let i = 0; i < 100; i++) probe(40_000 + i);
  expect(count()).toBe(before);
});

const asking = (port: string) =>
  script(`
  import { probe } from "${ROOT}/native/posix/port.ts";
  console.log(probe(${port}));`);

test.if(canOwnNetwork)(
  "row 43: a listener on another address of this machine is seen",
  async () => {
    await using world = new World();
    const listening = script(`
    import { probe } from "${ROOT}/native/posix/port.ts";
    for (const hostname of ["10.9.8.7", "fd00::7"]) {
      const server = Bun.listen({ hostname, port: 4000, socket: { data() {} } });
      const held = probe(4000);
      server.stop(true);
      console.log(hostname, held, probe(4000));
    }`);
    const addresses = "ip addr add 10.9.8.7/32 dev lo; ip addr add fd00::7/128 dev lo nodad";
    const { out, err } = await world.exec(ownNetwork(`${addresses}; exec "$@"`, ...listening));
    expect(err).toBe("");
    expect(out).toBe("10.9.8.7 used free\nfd00::7 used free\n");
  },
);

test.if(canOwnNetwork)("row 45: without IPv6, ports are probed all the same", async () => {
  await using world = new World();
  const probing = script(`
    import { probe } from "${ROOT}/native/posix/port.ts";
    const before = probe(4000);
    const server = Bun.listen({ hostname: "127.0.0.1", port: 4000, socket: { data() {} } });
    console.log(before, probe(4000));
    server.stop(true);`);
  const off = "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6";
  const { out, err } = await world.exec(ownNetwork(`${off}; exec "$@"`, ...probing));
  expect(err).toBe("");
  expect(out).toBe("free used\n");
});

test.if(canBeNobody)("row 46: a port that this user may not bind is denied, not free", async () => {
  await using world = new World();
  const command = ownNetwork('exec "$@"', ...AS_NOBODY, ...asking("80"));
  expect((await world.exec(command)).out).toBe("denied\n");
});
