import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { until } from "../../harness.ts";
import { buildBinary, kill } from "../../shell-sandbox.ts";
import { hasEnded } from "../../stage.ts";
import { UserStage, USERS } from "../../users.ts";

beforeAll(buildBinary);

/** Pid and network of its own, as sandboxes of agents have; the rest is the machine's. */
const SANDBOX = "bwrap --unshare-pid --unshare-net --dev-bind / / --proc /proc".split(" ");
const sandboxes = Bun.spawnSync([...SANDBOX, "true"]).success;

/** A sandbox that has claimed a port and lives on until its stdin ends. */
async function startSandbox(stage: UserStage) {
  const script = "portclaim acquire --service web && read line";
  const sandbox = stage.spawn(stage.as([...SANDBOX, "sh", "-c", script]));
  const port = await until("there is a claim", async () => (await stage.list())[0]?.port);
  const prefer = () =>
    stage.acquire("--service", "mine", "--project", "mine", "--prefer", `${port}`);
  return { sandbox, port, prefer };
}

describe.if(sandboxes).each(USERS)("as user %s", (user) => {
  test("a claim made in a sandbox stays as long as the sandbox, and no longer", async () => {
    await using stage = new UserStage(user);
    const { sandbox, port, prefer } = await startSandbox(stage);
    expect(await stage.state(port)).toBe("unknown");
    expect(await prefer()).not.toBe(port);
    expect(await stage.json<object[]>("reap", "--grace", "0s")).toContainEqual(
      expect.objectContaining({ port, action: "kept", state: "unknown" }),
    );
    expect(await stage.json<object[]>("doctor", "--grace", "0s")).toContainEqual(
      expect.objectContaining({ port, check: "claim", status: "warning" }),
    );
    const refused = await stage.portclaim("release", `${port}`);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("not-owner") });
    expect(await stage.state(port)).toBe("unknown");

    await sandbox.stdin.end();
    await until("the sandbox has ended", async () => (await stage.state(port)) === "dead");
    expect(await prefer()).toBe(port);
  });

  test("a sandbox has ended even if nobody waits for its zombie", async () => {
    await using stage = new UserStage(user);
    const { sandbox, port, prefer } = await startSandbox(stage);
    const children = readFileSync(`/proc/${sandbox.pid}/task/${sandbox.pid}/children`, "utf8");
    sandbox.kill("SIGSTOP");
    kill(Number(children));
    await until("it is a zombie", () => hasEnded(Number(children)));
    expect(await stage.state(port)).toBe("dead");
    expect(await prefer()).toBe(port);
  });
});

test.if(USERS.length > 1)("another user's listener keeps an orphaned claim as it is", async () => {
  await using stage = new UserStage("nobody");
  const script = stage.write("my-app/dev.sh", "#!/bin/sh\nportclaim acquire --service web\n");
  const { out } = await stage.exec(["setsid", "--wait", ...stage.as([script])]);
  const claim = await stage.claimOf(out);
  const { port } = claim;
  await stage.age(claim, 60);
  const server = await stage.start(port);
  const seen = { state: "orphaned", pid: claim.pid, listeners: [{ pid: null, uid: 0 }] };

  expect(await stage.view(port)).toMatchObject(seen);
  const other = await stage.portclaim("acquire", "--service", "other", "--prefer", `${port}`);
  expect(other.out).not.toBe(`${port}\n`);
  expect(other.err).toMatch(new RegExp(`port ${port}\\b.* claimed by `));
  for (const [command, key] of [
    ["reap", "reason"],
    ["doctor", "message"],
  ] as const) {
    expect(await stage.json<object[]>(command)).toContainEqual(
      expect.objectContaining({ port, [key]: expect.stringContaining("can't be seen") }),
    );
  }
  expect(await stage.view(port)).toMatchObject(seen);
  const stopped = await stage.portclaim("stop", `${port}`, "--force");
  expect(stopped).toMatchObject({ code: 1, err: expect.stringContaining("can't be seen") });
  expect(hasEnded(server)).toBe(false);

  kill(server);
  await until("the server has ended", () => hasEnded(server));
  expect(await stage.state(port)).toBe("dead");
});
