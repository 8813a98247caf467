import { expect, test } from "bun:test";
import { networkFileSystem } from "../../../native/linux/filesystem.ts";
import { ROOT, script, temporaryFolder, World } from "../../harness.ts";

test("row 23: a local directory is on no network file system, nor is a missing one", () => {
  using folder = temporaryFolder();
  expect(networkFileSystem(folder.path)).toBeUndefined();
  expect(networkFileSystem(`${folder.path}/none`)).toBeUndefined();
});

test("row 23: the same holds where libc can't be called", async () => {
  await using world = new World({ BUN_JSC_useJIT: "0" });
  const asking = script(`
    import { networkFileSystem } from "${ROOT}/native/linux/filesystem.ts";
    console.log(networkFileSystem("${world.cwd}"), networkFileSystem("${world.cwd}/none"));`);
  expect(await world.exec(asking)).toEqual({ code: 0, out: "undefined undefined\n", err: "" });
});
