import { expect } from "bun:test";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { BINARY, type Result, until } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { AS_NOBODY, NOBODY } from "../../privileged.ts";
import { hasEnded, kill } from "../../processes.ts";
import { ShellSandbox } from "../../shell-sandbox.ts";

/** A sandbox in which everything but this test process is another user's, if that is wanted. */
class UserSandbox extends ShellSandbox {
  constructor(readonly user: "this user" | "another user") {
    super();
    if (user === "this user") return;
    // Another user may not be able to read the project.
    rmSync(this.path("bin/portclaim"));
    cpSync(BINARY, this.path("bin/portclaim"));
    Bun.spawnSync(["chown", "-R", `${NOBODY}:${NOBODY}`, this.path(".")]);
    Bun.spawnSync(["chmod", "755", this.path(".")]);
  }

  /** A command line as this user gives it. */
  as(command: string[]): string[] {
    return this.user === "this user" ? command : [...AS_NOBODY, ...command];
  }

  override run(args: string[]): Promise<Result> {
    return this.exec(this.as([this.path("bin/portclaim"), ...args]));
  }
}

/** A pid namespace and a network of its own, as sandboxes of agents have; the rest is the machine's. */
const BWRAP = "bwrap --unshare-pid --unshare-net --dev-bind / / --proc /proc".split(" ");

/** A container that has claimed a port and lives on until its stdin ends. */
async function startContainer(sandbox: UserSandbox) {
  const script = "portclaim acquire --service web && read line";
  const container = sandbox.spawn(sandbox.as([...BWRAP, "sh", "-c", script]));
  const port = await until("there is a claim", async () => (await sandbox.list())[0]?.port);
  const prefer = () =>
    sandbox.acquire("--service", "mine", "--project", "mine", "--prefer", `${port}`);
  return { container, port, prefer };
}

for (const user of ["this user", "another user"] as const) {
  const { test } = needs("bwrap", "pid namespaces", ...(user === "this user" ? [] : [user]));

  test(`as ${user}: a claim made in a container stays as long as the container, and no longer`, async () => {
    await using sandbox = new UserSandbox(user);
    const { container, port, prefer } = await startContainer(sandbox);
    expect(await sandbox.state(port)).toBe("unknown");
    expect(await prefer()).not.toBe(port);
    expect(await sandbox.json<object[]>("reap", "--grace", "0s")).toContainEqual(
      expect.objectContaining({ port, action: "kept", state: "unknown" }),
    );
    expect(await sandbox.json<object[]>("doctor", "--grace", "0s")).toContainEqual(
      expect.objectContaining({ port, check: "claim", status: "warning" }),
    );
    const refused = await sandbox.run(["release", `${port}`]);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("not-owner") });
    expect(await sandbox.state(port)).toBe("unknown");

    await container.stdin.end();
    await until("the container has ended", async () => (await sandbox.state(port)) === "dead");
    expect(await prefer()).toBe(port);
  });

  test(`as ${user}: a container has ended even if its zombie is not waited for`, async () => {
    await using sandbox = new UserSandbox(user);
    const { container, port, prefer } = await startContainer(sandbox);
    const children = readFileSync(`/proc/${container.pid}/task/${container.pid}/children`, "utf8");
    container.kill("SIGSTOP");
    kill(Number(children));
    await until("it is a zombie", () => hasEnded(Number(children)));
    expect(await sandbox.state(port)).toBe("dead");
    expect(await prefer()).toBe(port);
  });
}

needs("another user").test(
  "another user's listener leaves an orphaned claim unchanged",
  async () => {
    await using sandbox = new UserSandbox("another user");
    const script = sandbox.write("my-app/dev.sh", "#!/bin/sh\nportclaim acquire --service web\n");
    const { out } = await sandbox.exec(["setsid", "--wait", ...sandbox.as([script])]);
    const claim = await sandbox.claimOf(out);
    const { port } = claim;
    await sandbox.age(claim, 60);
    const server = await sandbox.start(port);
    const seen = { state: "orphaned", pid: claim.pid, listeners: [{ pid: null, uid: 0 }] };

    expect(await sandbox.view(port)).toMatchObject(seen);
    const other = await sandbox.run(["acquire", "--service", "other", "--prefer", `${port}`]);
    expect(other.out).not.toBe(`${port}\n`);
    for (const command of ["reap", "doctor"]) {
      const about = (await sandbox.json<{ port?: number }[]>(command)).filter(
        (each) => each.port === port,
      );
      expect(about).toHaveLength(1);
    }
    expect(await sandbox.view(port)).toMatchObject(seen);
    expect(await sandbox.run(["stop", `${port}`, "--force"])).toMatchObject({ code: 1 });
    expect(hasEnded(server)).toBe(false);

    kill(server);
    await until("the server has ended", () => hasEnded(server));
    expect(await sandbox.state(port)).toBe("dead");
  },
);
