import { expect, test } from "bun:test";
import { World } from "../harness.ts";

test("row 47: a port that only a UDP socket holds counts as free", async () => {
  await using world = new World();
  const socket = await Bun.udpSocket({ hostname: "127.0.0.1" });
  try {
    const asking = ["--service", "web", "--prefer", String(socket.port), "--exact"];
    expect(await world.acquire(...asking)).toBe(socket.port);
  } finally {
    socket.close();
  }
});
