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

// A hundred megabytes are packed, served and unpacked, on a machine that may be busy.
const SLOW = 120_000;
setDefaultTimeout(SLOW);

const real: Record<string, Uint8Array> = {};
beforeAll(() => {
  buildBinary();
  real[ARCHIVE] = archiveOf(read(BINARY));
}, SLOW);

describe("the program of this machine", () => {
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

test("the installed program lets nothing in the current directory run or speak", async () => {
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

describe("nothing is installed, and what was there stays,", () => {
  const cases: [why: string, spoil: (world: Installing) => void, message: string][] = [
    [
      "if the checksum is another",
      ({ releases }) => releases.publish("2.0.0", two, `${"0".repeat(64)}  ${ARCHIVE}\n`),
      "its checksum is not the release's",
    ],
    [
      "if the checksums don't name the archive",
      ({ releases }) => releases.publish("2.0.0", two, `${"0".repeat(64)}  other.tar.gz\n`),
      "SHA256SUMS doesn't name it",
    ],
    [
      "if there is no archive for this machine",
      ({ releases }) => releases.publish("2.0.0", { "other.tar.gz": new Uint8Array(1) }),
      `Cannot download`,
    ],
    [
      "if the download is cut off",
      ({ releases }) => {
        releases.publish("2.0.0", two);
        releases.spoil(ARCHIVE, "cut off");
      },
      "Cannot download",
    ],
    [
      "if the list of checksums is cut off",
      ({ releases }) => {
        releases.publish("2.0.0", two);
        releases.spoil("SHA256SUMS", "cut off");
      },
      "Cannot download",
    ],
    [
      "if the archive is none",
      ({ releases }) => releases.publish("2.0.0", { [ARCHIVE]: new Uint8Array(100) }),
      "Cannot unpack",
    ],
    [
      "if the program doesn't run here",
      ({ releases }) => releases.publish("2.0.0", { [ARCHIVE]: archiveOf("#!/bin/sh\nexit 1\n") }),
      "Cannot run portclaim here",
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

  test("if it is ended while it downloads", async () => {
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

  test("if the installer itself was cut off on its way", async () => {
    await using world = new Installing();
    world.releases.publish("1.0.0", one);
    const lines = SCRIPT.trimEnd().split("\n");
    for (const end of [lines.length - 1, Math.floor(lines.length / 2), 30]) {
      await world.exec(["sh"], { input: lines.slice(0, end).join("\n") });
    }
    expect(world.releases.asked).toEqual([]);
  });

  test("if a directory lies in its place", async () => {
    await using world = new Installing();
    world.releases.publish("1.0.0", one);
    mkdirSync(join(world.folder, "portclaim"), { recursive: true });
    const { code, err } = await world.install();
    expect(code).toBe(1);
    expect(err).toContain("is a directory");
    expect(readdirSync(world.folder, { recursive: true })).toEqual(["portclaim"]);
  });
});

test("what is installed already is left as it is", async () => {
  await using world = new Installing();
  world.releases.publish("1.0.0", one);
  await world.install();
  const before = statSync(join(world.folder, "portclaim"));
  const { code, err } = await world.install();
  expect(code).toBe(0);
  expect(err).toContain(`1.0.0 is installed already: ${world.folder}/portclaim`);
  const { ino, mtimeMs } = statSync(join(world.folder, "portclaim"));
  expect({ ino, mtimeMs }).toEqual({ ino: before.ino, mtimeMs: before.mtimeMs });
  expect([world.installed, world.left]).toEqual([["portclaim"], []]);
});

test("an upgrade says what it replaced, and replaces a link rather than what it leads to", async () => {
  await using world = new Installing();
  world.releases.publish("1.0.0", one);
  await world.install();
  const program = join(world.folder, "portclaim");
  await world.exec(["mv", program, world.path("elsewhere")]);
  await world.exec(["ln", "-s", world.path("elsewhere"), program]);
  world.releases.publish("2.0.0", two);
  const { code, err } = await world.install();
  expect(code).toBe(0);
  expect(err).toContain(`installed 2.0.0 in the place of 1.0.0: ${program}`);
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
    [["--version", "9.9.9"], "Cannot download"],
    [["--version"], "it needs a value"],
    [["--version", "../../evil"], 'Cannot use version "../../evil"'],
    [["--verison", "1.0.0"], "Cannot use --verison"],
  ])("%j is refused", async (args, message) => {
    await using world = new Installing();
    world.releases.publish("1.0.0", one);
    const { code, err } = await world.install(args);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect([world.installed, world.left]).toEqual([[], []]);
  });
});
