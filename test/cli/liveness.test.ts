import { expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readCommandLine } from "../../native/linux/processes.ts";
import type { ClaimView } from "../../registry/model/claim.ts";
import { firstLine, freePort, PORTCLAIM, until, World } from "../harness.ts";
import { needs } from "../needs.ts";
import { AS_NOBODY, NOBODY, ownPids } from "../privileged.ts";

const sevenFields = (port: number, pid: number) =>
  JSON.stringify({
    port,
    pid,
    agent: null,
    project: "my-app",
    service: "web",
    claimed_at: new Date().toISOString(),
    lease: "ephemeral",
  });

/** A claim of a process that sleeps. */
async function claimOfSleeper(world: World) {
  const owner = world.spawn(["sleep", "60"]);
  return { owner, port: await claimFor(world, owner.pid) };
}

/** Claims a port on which no other server will start meanwhile. */
async function claimFor(world: World, pid: number): Promise<number> {
  const prefer = String(await freePort());
  return await world.acquire("--service", "web", "--pid", String(pid), "--prefer", prefer);
}

const stateOf = async (world: World, port: number) =>
  (await world.list()).find((claim) => claim.port === port)?.state;

test("row 1: a claim lives as long as its owner, and is then reaped by the next acquire", async () => {
  await using world = new World();
  const { owner, port } = await claimOfSleeper(world);
  expect(await stateOf(world, port)).toBe("starting");
  owner.kill("SIGKILL");
  await owner.exited;
  expect(await stateOf(world, port)).toBe("dead");
  expect(await world.acquire("--service", "api", "--prefer", String(port), "--exact")).toBe(port);
  expect((await world.list()).map(({ service }) => service)).toEqual(["api"]);
});

test("row 6: a stopped owner keeps its claim", async () => {
  await using world = new World();
  const { owner, port } = await claimOfSleeper(world);
  owner.kill("SIGSTOP");
  expect(await stateOf(world, port)).toBe("starting");
  await world.run(["reap", "--max-age", "1h"]);
  expect(await stateOf(world, port)).toBe("starting");
});

needs("Linux").test("row 10: a zombie keeps no claim", async () => {
  await using world = new World();
  // The shell becomes a sleep that never waits for the child it is left with.
  const parent = world.spawn(["bash", "-c", "sleep 60 & echo $!; exec sleep 61"]);
  const pid = Number(await firstLine(parent));
  await until("it has exec'd", () => readCommandLine(parent.pid).includes("61"));
  const port = await claimFor(world, pid);
  expect(await stateOf(world, port)).toBe("starting");
  process.kill(pid, "SIGKILL");
  await until("it is a zombie", () => readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "));
  expect(await stateOf(world, port)).toBe("dead");
});

test("row 4: a claim of another boot is dead, though its pid lives", async () => {
  await using world = new World();
  const { port } = await claimOfSleeper(world);
  const path = `${world.home}/claims/${port}.json`;
  const claim = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...claim, owner: { ...claim.owner, boot: "before" } }));
  expect(await stateOf(world, port)).toBe("dead");
});

test("rows 7 and 8: a claim of another host or container stays until it is forced", async () => {
  await using world = new World();
  const { port } = await claimOfSleeper(world);
  const path = `${world.home}/claims/${port}.json`;
  const claim = JSON.parse(readFileSync(path, "utf8"));
  const owner = { ...claim.owner, boot: "theirs", host: "theirs" };
  writeFileSync(path, JSON.stringify({ ...claim, pid: 1_999_999, owner }));
  await world.run(["reap", "--grace", "0s", "--max-age", "0s"]);
  expect(await stateOf(world, port)).toBe("unknown");
  expect(await world.run(["release", String(port)])).toMatchObject({ code: 1 });
  expect(await world.run(["release", String(port), "--force"])).toMatchObject({ code: 0 });
  expect(await world.list()).toEqual([]);
});

test("a file with only seven fields is kept alive by its pid", async () => {
  await using world = new World();
  const owner = world.spawn(["sleep", "60"]);
  const port = await freePort();
  mkdirSync(`${world.home}/claims`, { recursive: true, mode: 0o700 });
  writeFileSync(`${world.home}/claims/${port}.json`, sevenFields(port, owner.pid));
  expect(await stateOf(world, port)).toBe("starting");
  const exact = ["acquire", "--service", "api", "--prefer", String(port), "--exact"];
  expect(await world.run(exact)).toMatchObject({ code: 3 });
  owner.kill("SIGKILL");
  await owner.exited;
  expect(await stateOf(world, port)).toBe("dead");
  expect(await world.run(exact)).toMatchObject({ code: 0 });
});

needs("pid namespaces").test(
  "row 2: another process with its owner's pid keeps no claim",
  async () => {
    await using world = new World();
    const recycle = `
    sleep 60 & owner=$!
    port=$("$@" acquire --service web --pid $owner)
    before=$("$@" list --json)
    kill -9 $owner
    wait $owner 2>/dev/null || true
    echo $((owner - 1)) > /proc/sys/kernel/ns_last_pid
    sleep 61 & again=$!
    after=$("$@" list --json)
    next=$("$@" acquire --service api --prefer $port --exact)
    echo "{\\"pids\\":[$owner,$again],\\"before\\":$before,\\"after\\":$after,\\"ports\\":[$port,$next]}"
    kill $again`;
    const { out } = await world.exec(ownPids(recycle, ...PORTCLAIM));
    const { pids, before, after, ports } = JSON.parse(out);
    expect(pids[0]).toBe(pids[1]);
    expect(ports[0]).toBe(ports[1]);
    expect([before[0], after[0]]).toMatchObject([
      { pid: pids[0], state: "starting" },
      { pid: pids[0], state: "dead" },
    ]);
  },
);

needs("pid namespaces").test("row 13: pid 1 of a container may own a claim", async () => {
  await using world = new World();
  const script = '"$@" acquire --service web --pid 1 >&2; "$@" list --json';
  const { out } = await world.exec(ownPids(script, ...PORTCLAIM));
  expect(JSON.parse(out)).toMatchObject([{ pid: 1, state: "starting" }]);
});

needs("pid namespaces").test(
  "row 7: seen from outside, a claim in a container that ended is dead",
  async () => {
    await using world = new World();
    const inside = '"$@" acquire --service web --pid 1; echo ready; exec sleep 60';
    const container = world.spawn(ownPids(inside, ...PORTCLAIM));
    const port = Number(await firstLine(container));
    expect(await stateOf(world, port)).toBe("unknown");
    const children = `/proc/${container.pid}/task/${container.pid}/children`;
    process.kill(Number(readFileSync(children, "utf8")), "SIGKILL");
    await container.exited;
    expect(await stateOf(world, port)).toBe("dead");
  },
);

/** A registry of the user nobody, with these claims. */
function registryOfNobody(world: World, claims: Record<number, string>): string {
  const home = world.path("of-nobody");
  mkdirSync(`${home}/claims`, { recursive: true, mode: 0o700 });
  chmodSync(world.path("."), 0o755);
  for (const [port, text] of Object.entries(claims)) {
    writeFileSync(`${home}/claims/${port}.json`, text);
    chownSync(`${home}/claims/${port}.json`, NOBODY, NOBODY);
  }
  for (const path of [home, `${home}/claims`]) chownSync(path, NOBODY, NOBODY);
  return home;
}

needs("another user").test(
  "row 11: a process that may not be signaled keeps its claim",
  async () => {
    await using world = new World();
    const ended = world.spawn(["true"]);
    await ended.exited;
    const [first, second] = [await freePort(), await freePort()].toSorted((a, b) => a - b) as [
      number,
      number,
    ];
    const claims = {
      [first]: sevenFields(first, process.pid),
      [second]: sevenFields(second, ended.pid),
    };
    const env = { PORTCLAIM_HOME: registryOfNobody(world, claims) };
    const { out } = await world.exec([...AS_NOBODY, ...PORTCLAIM, "list", "--json"], { env });
    expect((JSON.parse(out) as ClaimView[]).map(({ state }) => state)).toEqual([
      "starting",
      "dead",
    ]);
  },
);

needs("another user", "pid namespaces").test(
  "rows 3 and 11: so does one that /proc hides",
  async () => {
    await using world = new World();
    const home = registryOfNobody(world, {});
    const script = `
    mount -o remount,hidepid=2 /proc
    sleep 60 & hidden=$!
    sleep 0 & gone=$!; wait $gone
    for claim in 4000:$hidden 4001:$gone; do
      echo '${sevenFields(0, 0).replace('"port":0,"pid":0', '"port":PORT,"pid":PID')}' |
        sed "s/PORT/\${claim%:*}/;s/PID/\${claim#*:}/" > ${home}/claims/\${claim%:*}.json
      chown ${NOBODY} ${home}/claims/\${claim%:*}.json
    done
    ${AS_NOBODY.join(" ")} cat /proc/$hidden/stat >&2 || true
    ${AS_NOBODY.join(" ")} "$@" list --json
    kill $hidden`;
    const env = { PORTCLAIM_HOME: home };
    const { out, err } = await world.exec(ownPids(script, ...PORTCLAIM), { env });
    expect(err).toContain("No such file");
    expect((JSON.parse(out) as ClaimView[]).map(({ state }) => state)).toEqual([
      "starting",
      "dead",
    ]);
  },
);
