import { expect, test } from "bun:test";
import { writeSums } from "../../scripts/archive.ts";
import { World } from "../harness.ts";

test("sha256sum agrees with SHA256SUMS, until a file changes", async () => {
  await using world = new World();
  const check = () => world.exec(["sha256sum", "-c", "SHA256SUMS"], { cwd: world.cwd });
  for (const name of ["a.tar.gz", "b.tgz", "notes.txt"])
    await Bun.write(`${world.cwd}/${name}`, name);
  writeSums(world.cwd);
  expect((await check()).out).toBe("a.tar.gz: OK\nb.tgz: OK\n");
  await Bun.write(`${world.cwd}/b.tgz`, "other");
  expect((await check()).out).toBe("a.tar.gz: OK\nb.tgz: FAILED\n");
});
