import { expect, test } from "bun:test";
import { freePort, until } from "../../harness.ts";
import { serving, Stage } from "../servers.ts";

test.each([
  ["docker-proxy", "docker"],
  ["conmon", "podman"],
  ["gvproxy", "podman"],
])(
  "a container's port, forwarded by %s, keeps its claim and is never signaled",
  async (name, engine) => {
    await using stage = new Stage();
    const owner = stage.spawn(["sleep", "1000"]);
    const port = freePort();
    await stage.acquire("db", "--prefer", `${port}`, "--pid", `${owner.pid}`);
    const command = `exec -a ${name} ${serving(port).join(" ")}`;
    const forwarder = stage.start(["bash", "-c", command], stage.directory("engine"));
    await stage.listening(port);
    const stateOf = async () => (await stage.list()).find((claim) => claim.port === port)?.state;
    expect(await stateOf()).toBe("listening");

    owner.kill("SIGKILL");
    await owner.exited;
    await stage.acquire("other");
    expect(await stateOf()).toBe("orphaned");
    for (const args of [
      ["stop", "db"],
      ["stop", `${port}`, "--force"],
    ]) {
      const { code, out, err } = await stage.run(args);
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(err).toContain("a container's port forwarder");
      expect(err).toContain(`${engine} ps --filter publish=${port}`);
    }
    expect(forwarder.exitCode).toBeNull();
    const { out } = await stage.run(["doctor", "--json"]);
    expect(out).toContain("a container serves the port");

    forwarder.kill("SIGKILL");
    await forwarder.exited;
    await until("its claim is reaped", async () => {
      await stage.run(["reap"]);
      return (await stateOf()) === undefined;
    });
  },
);
