import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../package.json";
import { buildBinary } from "../binary.ts";
import { BINARY, until } from "../harness.ts";
import { DEEDS, hostile } from "../package/hostile.ts";
import { ARCHIVE, Installing, SCRIPT } from "./installer.ts";
import { archiveOf, read, scriptSaying } from "./releases.ts";

const one = { [ARCHIVE]: archiveOf(scriptSaying("1.0.0")) };
const two = { [ARCHIVE]: archiveOf(scriptSaying("2.0.0")) };

// Packs, serves and unpacks a hundred megabytes, on a machine that may be busy.
const SLOW = 120_000;
setDefaultTimeout(SLOW);

const real: Record<string, Uint8Array> = {};
beforeAll(() => {
  buildBinary();
  real[ARCHIVE] = archiveOf(read(BINARY));
}, SLOW);

describe("this machine's program", () => {
  test.each(["sh", "bash"])(
    "is installed from a pipe into %s, runs, and leaves nothing else",
    async (shell) => {
      await using world = new Installing();
      world.releases.publish(version, real);
      const { code, out, err } = await world.install([], { shell: [shell] });
      expect({ code, out }).toEqual({ code: 0, out: "" });
      expect(err).toContain(`installed ${version}: ${world.folder}/portclaim\n`);
      expect(world.installed).toEqual(["portclaim"]);
      expect(world.left).toEqual([]);
      expect(await world.version()).toBe(version);
      expect(statSync(join(world.folder, "portclaim")).mode & 0o777).toBe(0o755);
    },
  );
});

test("the installed program runs nothing and loads nothing from the current directory", async () => {
  await using world = new Installing();
  world.releases.publish(version, real);
  await world.install();
  const cwd = hostile(world.path("hostile"));
  const acquire = [join(world.folder, "portclaim"), "acquire", "--service", "web"];
  const { out, err } = await world.exec(acquire, { cwd, env: { PORTCLAIM_HOME: "" } });
  expect({ out, err }).toEqual({ out: expect.stringMatching(/^\d+\n$/) as never, err: "" });
  expect(existsSync(world.path(`.portclaim/claims/${out.trim()}.json`))).toBe(true);
  expect(DEEDS.filter((name) => existsSync(join(cwd, name)))).toEqual([]);
});

describe("nothing is installed or replaced", () => {
  const cases: [why: string, spoil: (world: Installing) => void, message: string][] = [
    [
      "if the checksum is wrong",
      ({ releases }) => releases.publish("2.0.0", two, `${"0".repeat(64)}  ${ARCHIVE}\n`),
      "wrong checksum",
    ],
    [
      "if the archive has no checksum",
      ({ releases }) => releases.publish("2.0.0", two, `${"0".repeat(64)}  other.tar.gz\n`),
      "is not in SHA256SUMS",
    ],
    [
      "if there is no archive for this machine",
      ({ releases }) => releases.publish("2.0.0", { "other.tar.gz": new Uint8Array(1) }),
      "cannot download",
    ],
    [
      "if the download is cut off",
      ({ releases }) => {
        releases.publish("2.0.0", two);
        releases.spoil(ARCHIVE, "cut off");
      },
      "cannot download",
    ],
    [
      "if the list of checksums is cut off",
      ({ releases }) => {
        releases.publish("2.0.0", two);
        releases.spoil("SHA256SUMS", "cut off");
      },
      "cannot download",
    ],
    [
      "if the archive is no archive",
      ({ releases }) => releases.publish("2.0.0", { [ARCHIVE]: new Uint8Array(100) }),
      "cannot unpack",
    ],
    [
      "if the program doesn't run here",
      ({ releases }) => releases.publish("2.0.0", { [ARCHIVE]: archiveOf("#!/bin/sh\nexit 1\n") }),
      "does not run here",
    ],
  ];

  test.each(cases)("%s", async (_, spoil, message) => {
    await using world = new Installing();
    spoil(world);
    const fresh = await world.install();
    expect(fresh.code).toBe(1);
    expect(fresh.err).toContain(message);
    expect([world.installed, world.left]).toEqual([[], []]);

    await using upgrading = new Installing();
    upgrading.releases.publish("1.0.0", one);
    await upgrading.install();
    spoil(upgrading);
    expect((await upgrading.install()).code).toBe(1);
    expect([upgrading.installed, upgrading.left]).toEqual([["portclaim"], []]);
    expect(await upgrading.version()).toBe("1.0.0");
  });

  test("if the installer is terminated during a download", async () => {
    await using world = new Installing();
    world.releases.publish("1.0.0", one);
    world.releases.spoil(ARCHIVE, "stalled");
    const stdin = new Blob([SCRIPT]);
    const child = world.spawn(["sh"], { stdin, detached: true } as object);
    await until("it downloads", () => world.releases.asked.length === 2);
    await until("some of it is there", () => world.left.length > 0);
    process.kill(-child.pid, "SIGTERM");
    expect(await child.exited).toBe(143);
    expect([world.installed, world.left]).toEqual([[], []]);
  });

  test("if the installer itself was cut off", async () => {
    await using world = new Installing();
    world.releases.publish("1.0.0", one);
    const lines = SCRIPT.trimEnd().split("\n");
    for (const end of [lines.length - 1, Math.floor(lines.length / 2), 30]) {
      await world.exec(["sh"], { input: lines.slice(0, end).join("\n") });
    }
    expect(world.releases.asked).toEqual([]);
  });

  test("if there is a directory in its place", async () => {
    await using world = new Installing();
    world.releases.publish("1.0.0", one);
    mkdirSync(join(world.folder, "portclaim"), { recursive: true });
    const { code, err } = await world.install();
    expect(code).toBe(1);
    expect(err).toContain("is a directory");
    expect(readdirSync(world.folder, { recursive: true })).toEqual(["portclaim"]);
  });
});

test("a program that is already installed is left alone", async () => {
  await using world = new Installing();
  world.releases.publish("1.0.0", one);
  await world.install();
  const before = statSync(join(world.folder, "portclaim"));
  const { code, err } = await world.install();
  expect(code).toBe(0);
  expect(err).toContain(`1.0.0 is already installed: ${world.folder}/portclaim`);
  const { ino, mtimeMs } = statSync(join(world.folder, "portclaim"));
  expect({ ino, mtimeMs }).toEqual({ ino: before.ino, mtimeMs: before.mtimeMs });
  expect([world.installed, world.left]).toEqual([["portclaim"], []]);
});

test("an upgrade names the version that it replaced, and replaces a symlink, not its target", async () => {
  await using world = new Installing();
  world.releases.publish("1.0.0", one);
  await world.install();
  const program = join(world.folder, "portclaim");
  await world.exec(["mv", program, world.path("elsewhere")]);
  await world.exec(["ln", "-s", world.path("elsewhere"), program]);
  world.releases.publish("2.0.0", two);
  const { code, err } = await world.install();
  expect(code).toBe(0);
  expect(err).toContain(`installed 2.0.0, replacing 1.0.0: ${program}`);
  expect(await world.version()).toBe("2.0.0");
  expect((await world.exec([world.path("elsewhere")])).out).toBe("1.0.0\n");
});

describe("--version", () => {
  test.each([[["--version", "1.0.0"]], [["--version=1.0.0"]], [["--version", "v1.0.0"]]])(
    "%j installs that one, not the latest",
    async (args) => {
      await using world = new Installing();
      world.releases.publish("1.0.0", one);
      world.releases.publish("2.0.0", two);
      expect((await world.install(args)).code).toBe(0);
      expect(await world.version()).toBe("1.0.0");
      expect(new Set(world.releases.asked.map((path) => path.split("/")[2]))).toEqual(
        new Set(["v1.0.0"]),
      );
    },
  );

  test.each([
    [["--version", "9.9.9"], "cannot download"],
    [["--version"], "missing value"],
    [["--version", "../../evil"], 'invalid version "../../evil"'],
    [["--verison", "1.0.0"], "unknown argument --verison"],
  ])("%j is refused", async (args, message) => {
    await using world = new Installing();
    world.releases.publish("1.0.0", one);
    const { code, err } = await world.install(args);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect([world.installed, world.left]).toEqual([[], []]);
  });
});
