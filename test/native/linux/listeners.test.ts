import { expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";
import {
  connectionsOf,
  fromProc,
  socketOwners,
  listListeners,
  parseTable,
} from "../../../native/linux/listeners.ts";
import { dumpListening } from "../../../native/linux/sockdiag.ts";
import type { Listener } from "../../../native/types.ts";
import { firstLine, ROOT, script, until, World } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { AS_NOBODY } from "../../privileged.ts";

// /proc/net/tcp and tcp6 of a little-endian machine: states 0A (listening), 01, 06.
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 31415 1 0000000000000000 100 0 0 10 0
   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 27182 1 0000000000000000 100 0 0 10 0
   2: 0100007F:0BB8 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 31416 1 0000000000000000 20 4 30 10 -1
   3: 0100007F:0BB9 0100007F:D432 06 00000000:00000000 03:00001234 00000000     0        0 0 3 0000000000000000
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:0BB8 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000   501        0 16180 1 0000000000000000 100 0 0 10 0
   1: B80D0120000000000000000001000000:0BBA 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000   501        0 16181 1 0000000000000000 100 0 0 10 0
`;

test("only listening sockets are read from the kernel's table, with user and inode", () => {
  expect(parseTable(TCP)).toEqual([
    { port: 3000, address: "127.0.0.1", uid: 1000, inode: 31_415 },
    { port: 8080, address: "0.0.0.0", uid: 0, inode: 27_182 },
  ]);
});

test("the words of an IPv6 address are put in order", () => {
  expect(parseTable(TCP6)).toEqual([
    { port: 3000, address: "::1", uid: 501, inode: 16_180 },
    { port: 3002, address: "2001:db8::1", uid: 501, inode: 16_181 },
  ]);
});

test("an empty table has no listeners", () => {
  expect(parseTable("")).toEqual([]);
  expect(parseTable(TCP.split("\n")[0] ?? "")).toEqual([]);
});

const texts = (sockets: Listener[] | undefined) =>
  (sockets ?? []).map((socket) => JSON.stringify(socket)).toSorted();

needs("Linux").test(
  "netlink reports the same as /proc/net/tcp, for every kind of address",
  async () => {
    await using world = new World();
    const hosts = ["127.0.0.1", "127.0.0.2", "0.0.0.0", "::1", "::"];
    const own = await Promise.all(hosts.map(async (host) => [await world.listen(0, host), host]));
    // Others come and go on this machine: at some moment both must see the same.
    const seen = await until("both see the same", () => {
      const [bySocket, byTable] = [dumpListening(), fromProc()];
      return Bun.deepEquals(texts(bySocket), texts(byTable)) && bySocket;
    });
    for (const [port, host] of own) {
      const uid = process.getuid?.();
      expect(seen).toContainEqual(expect.objectContaining({ port, address: host, uid }));
    }
  },
);

needs("Linux").test("no listener is missed among a thousand", async () => {
  await using world = new World();
  const ports = new Set<number>();
  while (ports.size < 1000) ports.add(await world.listen(0));
  const found = new Set(fromProc().map(({ port }) => port));
  expect(ports.difference(found).size).toBe(0);
});

test("a listener is found with the process that holds it", async () => {
  await using world = new World();
  const child = world.spawn(
    script(`
      const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
      console.log(server.port);`),
  );
  const port = Number(await firstLine(child));
  const socket = listListeners().find((each) => each.port === port);
  expect(socket).toMatchObject({ port, address: "127.0.0.1" });
  const pids =
    socket?.pid === undefined ? socketOwners(new Set([socket?.inode ?? 0]), []) : new Map();
  expect(pids.get(socket?.inode ?? 0) ?? [socket?.pid]).toEqual([child.pid]);
});

needs("Linux").test("a socket that two processes share is found in both", async () => {
  await using world = new World();
  // Perl's child inherits the listening socket.
  const sharing = `use IO::Socket::INET; $^F = 99;
    my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1:0"); $| = 1;
    if (my $pid = fork) { print $s->sockport, " $pid\\n"; } sleep 60;`;
  const parent = world.spawn(["perl", "-e", sharing]);
  const [port, child] = (await firstLine(parent)).split(" ").map(Number);
  try {
    const inode = listListeners().find((each) => each.port === port)?.inode ?? 0;
    expect(
      socketOwners(new Set([inode]), [])
        .get(inode)
        ?.toSorted(),
    ).toEqual([parent.pid, child].toSorted() as number[]);
  } finally {
    process.kill(child ?? 0, "SIGKILL");
  }
});

needs("Linux").test(
  "likely processes are searched first, the others only if necessary",
  async () => {
    await using world = new World();
    const port = await world.listen();
    const inode = listListeners().find((each) => each.port === port)?.inode ?? 0;
    expect(socketOwners(new Set([inode]), [process.pid])).toEqual(
      new Map([[inode, [process.pid]]]),
    );
    expect(socketOwners(new Set([inode]), [1])).toEqual(new Map([[inode, [process.pid]]]));
    expect(socketOwners(new Set([0]), [])).toEqual(new Map());
  },
);

needs("another user", "a project that other users may read").test(
  "another user's listener is found, but not its process",
  async () => {
    await using world = new World();
    const port = await world.listen();
    const asking = script(`
    import { listListeners, socketOwners } from "${ROOT}/native/linux/listeners.ts";
    const socket = listListeners().find(({ port }) => port === ${port});
    console.log(JSON.stringify({ uid: socket.uid, pids: socketOwners(new Set([socket.inode]), []).size }));`);
    const { out } = await world.exec([...AS_NOBODY, ...asking]);
    expect(JSON.parse(out)).toEqual({ uid: process.getuid?.() ?? -1, pids: 0 });
  },
);

test("both ends of a connection to a port are found, but not the listener", async () => {
  await using world = new World();
  const port = await world.listen();
  expect(connectionsOf(port)).toEqual([]);
  const client = connect(port, "127.0.0.1");
  try {
    await once(client, "connect");
    const inodes = await until("the server has accepted", () => {
      const found = connectionsOf(port);
      return found.length === 2 ? found : undefined;
    });
    const owners = [...socketOwners(new Set(inodes), []).values()].flat();
    expect(owners).toEqual([process.pid, process.pid]);
  } finally {
    client.destroy();
  }
});
