import { expect, spyOn, test } from "bun:test";
import { statSync } from "node:fs";
import { files } from "../../../native/files.ts";
import { lockHolder } from "../../../native/linux/lock-holder.ts";
import { tryLock } from "../../../native/posix/flock.ts";
import { firstLine, ROOT, script, temporaryFolder, World } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { mountMemory } from "../../privileged.ts";

test("a lock that is free or missing has no holder", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/lock`;
  expect(lockHolder(path)).toBeUndefined();
  tryLock(path)?.[Symbol.dispose]();
  expect(lockHolder(path)).toBeUndefined();
});

needs("Linux").test("the holder is found among hundreds of other locks", () => {
  using folder = temporaryFolder();
  const paths = Array.from({ length: 400 }, (_, i) => `${folder.path}/lock-${i}`);
  using _locks = new DisposableStack();
  for (const path of paths) _locks.use(tryLock(path));
  expect(paths.filter((path) => lockHolder(path) === process.pid)).toHaveLength(400);
});

needs("Linux").test("the holder is found if the first read of the kernel's table misses it", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/lock`;
  using _lock = tryLock(path);
  using _read = spyOn(files(), "read").mockReturnValueOnce("");
  expect(lockHolder(path)).toBe(process.pid);
});

needs("mounts").test(
  "a lock of the same number on another file system is another lock",
  async () => {
    await using world = new World();
    using _first = mountMemory(world.path("first"), "size=64k");
    using _second = mountMemory(world.path("second"), "size=64k");
    const [ours, theirs] = [world.path("first/lock"), world.path("second/lock")];
    using _lock = tryLock(ours);
    const holder = world.spawn(
      script(`
      import { tryLock } from "${ROOT}/native/posix/flock.ts";
      const lock = tryLock("${theirs}");
      console.log(lock === undefined ? "refused" : "held");
      setInterval(() => {}, 1e6);`),
    );
    expect(await firstLine(holder)).toBe("held");
    expect(statSync(ours).ino).toBe(statSync(theirs).ino);
    expect(lockHolder(ours)).toBe(process.pid);
    expect(lockHolder(theirs)).toBe(holder.pid);
  },
);
