import { describe, expect, test } from "bun:test";
import { findUser, peerUser } from "../../../native/linux/peer.ts";
import { needs } from "../../needs.ts";

const HEADING =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const LINE = (local: string, remote: string, uid: number, inode: number) =>
  `   0: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1 0000 20 4 30 10 -1\n`;

describe("the other end of a connection in a table of the kernel", () => {
  const table = HEADING + LINE("0100007F:C001", "0100007F:2124", 1000, 4711);

  test("is known by its address and both ports", () => {
    expect(findUser(table, "127.0.0.1", 0xc001, 8484)).toBe(1000);
    expect(findUser(table, "127.0.0.2", 0xc001, 8484)).toBeUndefined();
    expect(findUser(table, "127.0.0.1", 0xc002, 8484)).toBeUndefined();
    expect(findUser(table, "127.0.0.1", 0xc001, 8485)).toBeUndefined();
  });

  test("may be an IPv6 socket that speaks IPv4", () => {
    const mapped = "0000000000000000FFFF00000100007F";
    const six = HEADING + LINE(`${mapped}:C001`, `${mapped}:2124`, 1000, 4711);
    expect(findUser(six, "127.0.0.1", 0xc001, 8484)).toBe(1000);
    expect(findUser(six, "::ffff:127.0.0.1", 0xc001, 8484)).toBe(1000);
  });

  test("may be an IPv6 address", () => {
    const one = "00000000000000000000000001000000";
    const six = HEADING + LINE(`${one}:C001`, `${one}:2124`, 1000, 4711);
    expect(findUser(six, "::1", 0xc001, 8484)).toBe(1000);
    expect(findUser(six, "::2", 0xc001, 8484)).toBeUndefined();
  });

  test("has no user once its process has closed it, though the kernel then reports root", () => {
    const closed = HEADING + LINE("0100007F:C001", "0100007F:2124", 0, 0);
    expect(findUser(closed, "127.0.0.1", 0xc001, 8484)).toBeUndefined();
  });
});

needs("Linux").describe("the other end of a connection that is open", () => {
  test.each(["127.0.0.1", "::1"])("from %s is this user's", async (hostname) => {
    await using server: Bun.Server<undefined> = Bun.serve({
      hostname,
      port: 0,
      fetch(request, { requestIP, port }) {
        const peer = requestIP.call(server, request);
        return Response.json(peer && peerUser(peer.address, peer.port, port ?? 0));
      },
    });
    const answer = await fetch(server.url);
    expect(await answer.json()).toBe(process.getuid?.());
  });
});
