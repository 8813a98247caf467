import { expect, test } from "bun:test";
import { readlinkSync, readFileSync } from "node:fs";
import { isNested, readBoot, readHost, readNamespace } from "../../../native/linux/identity.ts";
import { until, World } from "../../harness.ts";
import { needs } from "../../needs.ts";

needs("Linux").test("row 9: a machine is known by its id, a boot by its own", () => {
  expect(readHost()).toBe(readFileSync("/etc/machine-id", "utf8").trim());
  expect(readBoot()).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(readBoot()).toBe(readBoot());
});

needs("Linux").test("a namespace is the number in its link", () => {
  expect(`pid:[${readNamespace("pid", "self")}]`).toBe(readlinkSync("/proc/self/ns/pid"));
  expect(`net:[${readNamespace("net", process.pid)}]`).toBe(readlinkSync("/proc/self/ns/net"));
});

test("a process that has exited has no namespace, and isn't in a nested one", async () => {
  await using world = new World();
  const child = world.spawn(["true"]);
  await child.exited;
  expect(readNamespace("pid", child.pid)).toBeNull();
  expect(isNested(child.pid)).toBe(false);
});

needs("pid namespaces").test(
  "a process in a pid namespace below ours is known by its status",
  async () => {
    await using world = new World();
    const outside = world.spawn("unshare --pid --fork sleep 60".split(" "));
    const children = `/proc/${outside.pid}/task/${outside.pid}/children`;
    const pid = Number(await until("it has forked", () => readFileSync(children, "utf8").trim()));
    expect(isNested(pid)).toBe(true);
    expect(isNested(process.pid)).toBe(false);
    expect(readNamespace("pid", pid)).not.toBe(readNamespace("pid", "self"));
    process.kill(pid, "SIGKILL");
    await outside.exited;
  },
);
