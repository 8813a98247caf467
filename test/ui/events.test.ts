import { expect, setDefaultTimeout, test } from "bun:test";
import type { ClaimEvent } from "../../registry/model/event.ts";
import { until } from "../harness.ts";
import { Dashboard, startServer } from "./dashboard.ts";

setDefaultTimeout(60_000);

interface Message {
  name: string;
  data: string;
}

/** Reads `GET /api/events` until a message matches; calls `act` once it has begun, and awaits it. Returns the message's data. */
async function readUntil(
  { url }: Dashboard,
  matches: (message: Message) => boolean,
  act?: () => unknown,
) {
  const answer = await fetch(`${url}api/events`);
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  let text = "";
  let acting: unknown;
  for await (const chunk of answer.body ?? []) {
    const isFirst = text === "";
    text += new TextDecoder().decode(chunk);
    if (isFirst) acting = act?.();
    const messages = text.split("\n\n").slice(0, -1).map(parse);
    const found = messages.find(matches);
    if (!found) continue;
    await acting;
    return JSON.parse(found.data);
  }
  throw new Error("the stream ended");
}

function parse(message: string): Message {
  const fields = Object.fromEntries(message.split("\n").map((line) => line.split(/: (.*)/s)));
  return { name: fields["event"] ?? "message", data: fields["data"] ?? "" };
}

const isEvent = (event: ClaimEvent["event"], state?: string) => (one: Message) => {
  if (one.name !== "message" || one.data === "") return false;
  const got = JSON.parse(one.data) as ClaimEvent;
  return got.event === event && (state === undefined || got.claim.state === state);
};

test.concurrent("the stream begins with a snapshot", async () => {
  await using dashboard = await Dashboard.start();
  const port = await dashboard.world.acquire("--service", "there");
  const snapshot = await readUntil(dashboard, ({ name }) => name === "snapshot");
  expect(snapshot).toMatchObject({
    mayChange: true,
    claims: [{ port }],
    pool: { own: dashboard.port, problem: null },
  });
});

test.concurrent("it reports a claim, its server's start and stop, and its release", async () => {
  await using dashboard = await Dashboard.start();
  const { world } = dashboard;
  let port = 0;
  const claimed = await readUntil(dashboard, isEvent("claimed"), async () => {
    port = await world.acquire("--service", "web");
  });
  expect(claimed).toMatchObject({ reason: "claimed", claim: { port, state: "starting" } });
  let server: Bun.Subprocess | undefined;
  const up = await readUntil(dashboard, isEvent("changed", "listening"), async () => {
    server = await startServer(dashboard, port);
  });
  expect(up).toMatchObject({ claim: { listeners: [{ pid: server?.pid }] } });
  const down = await readUntil(dashboard, isEvent("changed", "starting"), () => server?.kill());
  expect(down).toMatchObject({ claim: { port, listeners: [] } });
  const released = await readUntil(dashboard, isEvent("released"), () =>
    world.run(["release", String(port)]),
  );
  expect(released).toMatchObject({ claim: { port } });
  expect(released["reason"]).toMatch(/^released by bun.* \(pid \d+\)$/);
});

test.concurrent("it reports unclaimed listeners in the pool, and a broken config", async () => {
  await using dashboard = await Dashboard.start();
  const { world } = dashboard;
  const port = world.first + 20;
  const isPool = (text: string) => (one: Message) =>
    (one.name === "pool" || one.name === "snapshot") && one.data.includes(text);
  const { unclaimed } = await readUntil(
    dashboard,
    (one) => one.name === "pool" && isPool(`"port":${port}`)(one),
    () => world.listen(port),
  );
  expect(unclaimed).toMatchObject([{ port, listeners: [{ pid: process.pid }] }]);
  const broken = await readUntil(dashboard, isPool("config.toml"), () =>
    world.configure("nonsense"),
  );
  expect(broken.problem).toContain("config.toml");
  expect(
    await readUntil(dashboard, isPool('"problem":null'), () => world.configure(world.pool())),
  ).toBeDefined();
});

test.concurrent("the registry is read only while a page is open", async () => {
  await using dashboard = await Dashboard.start();
  const fdinfo = `/proc/${dashboard.process.pid}/fdinfo`;
  const isWatching = async () =>
    (await dashboard.world.exec(["sh", "-c", `grep -l ^inotify ${fdinfo}/*`])).out !== "";
  const answer = await fetch(`${dashboard.url}api/events`);
  await until("the claims are watched", isWatching);
  await answer.body?.cancel();
  await until("the claims are no longer watched", async () => !(await isWatching()));
});
