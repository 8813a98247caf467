import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { files } from "../../../native/files.ts";
import { findHome, ensureHome } from "../../../registry/config/home.ts";
import { FakeMachine, HOME } from "../../fake-machine.ts";
import { ROOT, script, temporaryFolder, World } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { NOBODY } from "../../privileged.ts";

const find = (environment: Record<string, string | undefined>, machine = new FakeMachine()) =>
  findHome(machine, environment).path;

describe("row 35: the registry is", () => {
  test("where PORTCLAIM_HOME says", () => {
    expect(find({ PORTCLAIM_HOME: "/srv/claims", HOME })).toBe("/srv/claims");
    expect(find({ PORTCLAIM_HOME: "/srv/claims//", HOME })).toBe("/srv/claims");
  });

  test("else in the home directory", () => {
    expect(find({ HOME })).toBe(`${HOME}/.portclaim`);
    expect(find({ HOME: `${HOME}/`, PORTCLAIM_HOME: "" })).toBe(`${HOME}/.portclaim`);
  });

  test.each(["claims", "./claims", "~/claims", " /claims"])(
    "never at a path that depends on the current directory: %p",
    (path) => {
      expect(() => find({ PORTCLAIM_HOME: path, HOME })).toThrow("not an absolute path");
    },
  );

  test("nowhere that another user owns, for root", () => {
    const machine = new FakeMachine();
    expect(machine.files.stat(HOME).uid).toBe(1000);
    expect(find({ HOME }, machine)).toBe(`${HOME}/.portclaim`);
    machine.uid = 0;
    expect(find({ HOME }, machine)).toBe("/root/.portclaim");
  });

  test.each([undefined, "", "somewhere"])("in that of the user database, with HOME %p", (home) => {
    expect(find(home === undefined ? {} : { HOME: home })).toBe("/root/.portclaim");
  });

  test("nowhere, for a user without any", () => {
    const machine = new FakeMachine();
    machine.userHome = () => undefined;
    expect(() => find({}, machine)).toThrow("no home directory");
  });
});

const finding = script(`
  import { findHome } from "${ROOT}/registry/config/home.ts";
  import { thisMachine } from "${ROOT}/native/machine.ts";
  const { HOME } = process.env;
  console.log(findHome(thisMachine(), HOME === undefined ? {} : { HOME }).path);`);

/** The home directory of the user database. */
const databaseHome = Bun.spawnSync(["sh", "-c", "env -u HOME sh -c 'cd ~ && pwd -P'"])
  .stdout.toString()
  .trim();

test.each([
  ["not set", ["env", "-u", "HOME"]],
  ["empty", ["env", "HOME="]],
  ["relative", ["env", "HOME=somewhere"]],
])("row 35: with HOME %s it is in that of the user database", async (_, prefix) => {
  await using world = new World();
  const { out, err } = await world.exec([...prefix, ...finding]);
  expect(err).toBe("");
  expect(out.trim()).toEndWith("/.portclaim");
  expect(out.trim()).toStartWith(databaseHome || "/");
});

needs("root").test(
  "row 35: root with a user's HOME, as sudo may keep it, has its own",
  async () => {
    await using world = new World();
    const home = world.path("user");
    mkdirSync(home);
    chownSync(home, NOBODY, NOBODY);
    const { out } = await world.exec(finding, { env: { HOME: home } });
    expect(out).toEndWith("/.portclaim\n");
    expect(out).not.toStartWith(home);
  },
);

describe("the registry's folders", () => {
  function scene() {
    const folder = temporaryFolder();
    const machine = new FakeMachine(files());
    machine.uid = process.getuid?.() ?? 0;
    const home = findHome(machine, { PORTCLAIM_HOME: `${folder.path}/a/b/registry` });
    return { machine, home, folder, [Symbol.dispose]: () => folder[Symbol.dispose]() };
  }

  test("are created with their parents, private to the user", () => {
    using here = scene();
    ensureHome(here.machine, here.home);
    ensureHome(here.machine, here.home);
    for (const path of [here.home.path, here.home.claims]) {
      expect(statSync(path).mode & 0o777).toBe(0o700);
    }
  });

  test("are created once by two concurrent calls", () => {
    using here = scene();
    mkdirSync(`${here.folder.path}/a/b`, { recursive: true });
    here.machine.faults.fail("stat", "registry/.", "ENOENT");
    mkdirSync(here.home.path, 0o700);
    ensureHome(here.machine, here.home);
    expect(readdirSync(here.home.path)).toEqual(["claims"]);
    expect(here.machine.faults.pending).toBe(0);
  });

  test.each([0o770, 0o707, 0o777, 0o1777, 0o720])("row 34: with mode %o are refused", (mode) => {
    using here = scene();
    ensureHome(here.machine, here.home);
    chmodSync(here.home.claims, mode);
    expect(() => ensureHome(here.machine, here.home)).toThrow("writable by others");
    chmodSync(here.home.claims, 0o700);
    chmodSync(here.home.path, mode);
    expect(() => ensureHome(here.machine, here.home)).toThrow(`${here.home.path} is `);
  });

  test("that others may only read are used", () => {
    using here = scene();
    ensureHome(here.machine, here.home);
    chmodSync(here.home.path, 0o755);
    ensureHome(here.machine, here.home);
  });

  test("row 34: of another user are refused, even to root", () => {
    using here = scene();
    ensureHome(here.machine, here.home);
    const { uid } = here.machine;
    here.machine.uid = uid + 1;
    const problem = `owned by user ${uid}, not ${uid + 1}`;
    expect(() => ensureHome(here.machine, here.home)).toThrow(problem);
    here.machine.uid = uid === 0 ? 1 : 0;
    expect(() => ensureHome(here.machine, here.home)).toThrow("owned by user");
  });

  test("may be reached through a link, but claims/ may not be one", () => {
    using here = scene();
    const real = `${here.folder.path}/real`;
    mkdirSync(real, 0o700);
    mkdirSync(`${here.folder.path}/a/b`, { recursive: true });
    symlinkSync(real, here.home.path);
    ensureHome(here.machine, here.home);
    expect(readdirSync(real)).toEqual(["claims"]);
    const other = findHome(here.machine, { PORTCLAIM_HOME: `${here.folder.path}/other` });
    mkdirSync(other.path, 0o700);
    symlinkSync(real, other.claims);
    expect(() => ensureHome(here.machine, other)).toThrow(`${other.claims} is not a directory`);
  });

  test("that are files are refused", () => {
    using here = scene();
    mkdirSync(`${here.folder.path}/a/b`, { recursive: true });
    writeFileSync(here.home.path, "");
    expect(() => ensureHome(here.machine, here.home)).toThrow();
  });
});
