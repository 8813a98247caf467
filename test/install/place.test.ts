import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../harness.ts";
import { needs } from "../needs.ts";
import { ARCHIVE, Installing } from "./installer.ts";
import { archiveOf, scriptSaying } from "./releases.ts";

const one = { [ARCHIVE]: archiveOf(scriptSaying("1.0.0")) };
const isRoot = process.getuid?.() === 0;
const NOBODY = "65534";
const AS_NOBODY = isRoot
  ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "sh"]
  : ["sh"];

/** Puts programs on PATH, before all others, that print what another machine's would. */
function pretend(world: Installing, programs: Record<string, string>): void {
  const folder = world.path("pretend");
  mkdirSync(folder);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  world.env["PATH"] = `${folder}:${world.env["PATH"]}`;
}

const uname = (os: string, machine: string) =>
  `case $1 in -s) echo ${os} ;; -m) echo ${machine} ;; esac`;
const GLIBC = "echo 'ldd (GNU libc) 2.36'";
const MUSL = "echo 'musl libc (x86_64)' >&2; exit 1";
const NO_SYSCTL = "exit 1";

const machines: [target: string, programs: Record<string, string>][] = [
  ["linux-x64", { uname: uname("Linux", "x86_64"), ldd: GLIBC }],
  ["linux-x64-musl", { uname: uname("Linux", "x86_64"), ldd: MUSL }],
  ["linux-arm64", { uname: uname("Linux", "aarch64"), ldd: GLIBC }],
  ["linux-arm64-musl", { uname: uname("Linux", "aarch64"), ldd: MUSL }],
  ["darwin-x64", { uname: uname("Darwin", "x86_64"), sysctl: NO_SYSCTL }],
  ["darwin-arm64", { uname: uname("Darwin", "arm64"), sysctl: NO_SYSCTL }],
  ["darwin-arm64", { uname: uname("Darwin", "x86_64"), sysctl: "echo 1" }],
];

test.each(machines)("%s is downloaded for %j", async (target, programs) => {
  await using world = new Installing();
  pretend(world, programs);
  world.releases.publish("1.0.0", {
    [`portclaim-${target}.tar.gz`]: archiveOf(scriptSaying(`1.0.0 ${target}`)),
  });
  expect((await world.install()).err).toContain(`installed 1.0.0 ${target}: `);
});

test.each([
  ["Windows", { uname: uname("MINGW64_NT-10.0", "x86_64") }, "under WSL"],
  ["FreeBSD", { uname: uname("FreeBSD", "amd64") }, "unsupported system FreeBSD"],
  ["RISC-V", { uname: uname("Linux", "riscv64") }, "unsupported architecture riscv64"],
  ["32 bits", { uname: uname("Linux", "aarch64"), getconf: "echo 32" }, "32-bit"],
])("on %s it says why not, and downloads nothing", async (_, programs, message) => {
  await using world = new Installing();
  pretend(world, programs);
  const { code, err } = await world.install();
  expect(code).toBe(1);
  expect(err).toContain(message);
  expect(world.releases.asked).toEqual([]);
});

test("where musl lacks what the program needs, it says how to get it", async () => {
  await using world = new Installing();
  pretend(world, { uname: uname("Linux", "x86_64"), ldd: MUSL });
  world.releases.publish("1.0.0", {
    "portclaim-linux-x64-musl.tar.gz": archiveOf(
      "#!/bin/sh\necho 'Error loading shared library libstdc++.so.6' >&2; exit 127\n",
    ),
  });
  const { code, err } = await world.install();
  expect(code).toBe(1);
  expect(err).toContain("libstdc++.so.6");
  expect(err).toContain("apk add libstdc++ libgcc");
  expect(world.installed).toEqual([]);
});

describe("the folder", () => {
  test("is what PORTCLAIM_INSTALL_DIR says", async () => {
    await using world = new Installing();
    world.releases.publish("1.0.0", one);
    const { code } = await world.install([], { env: { PORTCLAIM_INSTALL_DIR: "some where" } });
    expect(code).toBe(0);
    expect(readdirSync(join(world.cwd, "some where"))).toEqual(["portclaim"]);
    expect(world.installed).toEqual([]);
  });

  test("may be a relative path, whatever CDPATH says", async () => {
    await using world = new Installing();
    world.releases.publish("1.0.0", one);
    mkdirSync(world.path("elsewhere/bin"), { recursive: true });
    const env = { PORTCLAIM_INSTALL_DIR: "bin", CDPATH: world.path("elsewhere") };
    const { code, err } = await world.install([], { env });
    expect([code, err]).toEqual([0, expect.stringContaining(`${world.cwd}/bin/portclaim\n`)]);
    expect(readdirSync(world.path("elsewhere/bin"))).toEqual([]);
    expect(readdirSync(`${world.cwd}/bin`)).toEqual(["portclaim"]);
  });

  test("must be named where there is no HOME", async () => {
    await using world = new Installing();
    const { code, err } = await world.install([], { env: { HOME: "" } });
    expect(code).toBe(1);
    expect(err).toContain("set PORTCLAIM_INSTALL_DIR");
  });

  test.each(["that is there", "that would have to be made"])(
    "%s and may not be written to is left alone, with an error",
    async (kind) => {
      await using world = new Installing();
      world.releases.publish("1.0.0", one);
      for (const folder of [world.path("."), world.temporary]) chmodSync(folder, 0o777);
      const parent = world.path("locked");
      const folder = kind === "that is there" ? parent : join(parent, "bin");
      mkdirSync(parent);
      chmodSync(parent, 0o555);
      const { code, err } = await world.install([], {
        shell: AS_NOBODY,
        env: { PORTCLAIM_INSTALL_DIR: folder },
      });
      expect(code).toBe(1);
      expect(err).toMatch(/cannot (write to|create) .*\nhint: .*PORTCLAIM_INSTALL_DIR/);
      expect([readdirSync(parent), world.left]).toEqual([[], []]);
    },
  );

  needs("root").test("that has no space left keeps no part of the program", async () => {
    await using world = new Installing();
    const noise = crypto.getRandomValues(new Uint8Array(60_000)).toHex();
    world.releases.publish("1.0.0", {
      [ARCHIVE]: archiveOf(`${scriptSaying("1.0.0")}#${noise}\n`),
    });
    mkdirSync(world.folder, { recursive: true });
    const mount =
      'mount -t tmpfs -o size=64k none "$1" && sh "$2"; code=$?; ls -A "$1"; exit $code';
    const command = ["unshare", "--mount", "sh", "-c", mount, "sh", world.folder];
    const { code, out, err } = await world.exec([...command, `${ROOT}/install.sh`]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("cannot unpack");
  });
});

describe("PATH", () => {
  const hints: [shell: string, hint: (folder: string) => string][] = [
    ["/bin/bash", (folder) => `echo 'export PATH="${folder}:$PATH"' >> ~/.bashrc`],
    ["/usr/bin/zsh", (folder) => `echo 'export PATH="${folder}:$PATH"' >> ~/.zshrc`],
    ["/usr/bin/fish", (folder) => `fish_add_path '${folder}'`],
  ];
  test.each(hints)("without the folder, %s users see what to type", async (SHELL, hint) => {
    await using world = new Installing();
    world.releases.publish("1.0.0", one);
    const { err } = await world.install([], { env: { SHELL } });
    expect(err).toContain(`${world.folder} is not on your PATH\nhint: `);
    expect(err).toContain(`hint: ${hint(world.folder)}\n`);
  });

  test("with the folder prints no hint", async () => {
    await using world = new Installing();
    world.releases.publish("1.0.0", one);
    world.env["PATH"] = `${world.folder}:${world.env["PATH"]}`;
    expect((await world.install()).err).toBe(
      `portclaim: installed 1.0.0: ${world.folder}/portclaim\n`,
    );
  });

  test("with another portclaim before it prints a warning", async () => {
    await using world = new Installing();
    world.releases.publish("1.0.0", one);
    pretend(world, { portclaim: "true" });
    world.env["PATH"] += `:${world.folder}`;
    expect((await world.install()).err).toContain(
      `${world.path("pretend")}/portclaim comes first on your PATH`,
    );
  });
});

const TOOLS =
  "sh uname getconf ldd mktemp sed cut tar gzip chmod mv rm mkdir cmp head cat sysctl sha256sum ls";

test.each([["wget"], ["curl"]])("%s alone is enough for downloading", async (downloader) => {
  await using world = new Installing();
  world.releases.publish("1.0.0", one);
  mkdirSync(world.path("only"));
  for (const name of [...TOOLS.split(" "), downloader]) {
    const path = Bun.which(name);
    if (path !== null) symlinkSync(path, world.path(`only/${name}`));
  }
  const { code, err } = await world.install([], { env: { PATH: world.path("only") } });
  expect({ code, err }).toMatchObject({ code: 0 });
  expect(await world.version()).toBe("1.0.0");
});

test("the installer passes shellcheck as POSIX sh", async () => {
  await using world = new Installing();
  const check = ["shellcheck", "--shell=sh", `${ROOT}/install.sh`];
  expect(await world.exec(check)).toEqual({ code: 0, out: "", err: "" });
});
