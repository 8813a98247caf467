import { expect, test } from "bun:test";
import { copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { targetOf } from "../../scripts/head.ts";
import { packageOf } from "../../scripts/platform-package.ts";
import type { Target } from "../../scripts/targets.ts";
import { BINARY, type Result, ROOT, World } from "../harness.ts";

const LAUNCHER = `${ROOT}/npm/portclaim.bin`;

/** Installs the launcher as a package in `folder`. */
function installLauncher(world: World, folder: string): void {
  mkdirSync(world.path(`${folder}/npm`), { recursive: true });
  copyFileSync(LAUNCHER, world.path(`${folder}/npm/portclaim.bin`));
}

/** Installs a program as this platform's package below `modules`. */
async function installProgram(world: World, modules: string, program: string): Promise<void> {
  const target = (await targetOf(BINARY)) as Target;
  world.write(`${modules}/${packageOf(target)}/portclaim`, program);
}

function link(world: World, path: string, target: string): void {
  mkdirSync(dirname(world.path(path)), { recursive: true });
  symlinkSync(target, world.path(path));
}

const PRINT_ARGUMENTS = `#!/bin/sh\nprintf '%s\\n' "$0" "$@"\n`;

/** Where package managers install portclaim and its platform's package, and how they link the command. */
const LAYOUTS: Record<string, (world: World) => Promise<string>> = {
  async "npm, in a project"(world) {
    installLauncher(world, "p/node_modules/portclaim");
    await installProgram(world, "p/node_modules", PRINT_ARGUMENTS);
    link(world, "p/node_modules/.bin/portclaim", "../portclaim/npm/portclaim.bin");
    return "p/node_modules/.bin/portclaim";
  },
  async "npm, where another version is above"(world) {
    installLauncher(world, "p/node_modules/a/node_modules/portclaim");
    await installProgram(world, "p/node_modules/a/node_modules", PRINT_ARGUMENTS);
    await installProgram(world, "p/node_modules", "#!/bin/sh\necho another version\n");
    link(world, "p/node_modules/a/node_modules/.bin/portclaim", "../portclaim/npm/portclaim.bin");
    return "p/node_modules/a/node_modules/.bin/portclaim";
  },
  async "npm i -g"(world) {
    installLauncher(world, "g/lib/node_modules/portclaim");
    await installProgram(world, "g/lib/node_modules/portclaim/node_modules", PRINT_ARGUMENTS);
    link(world, "g/bin/portclaim", "../lib/node_modules/portclaim/npm/portclaim.bin");
    return "g/bin/portclaim";
  },
  async "bun add -g"(world) {
    installLauncher(world, ".bun/install/global/node_modules/portclaim");
    await installProgram(world, ".bun/install/global/node_modules", PRINT_ARGUMENTS);
    const target = "../install/global/node_modules/portclaim/npm/portclaim.bin";
    link(world, ".bun/bin/portclaim", target);
    return ".bun/bin/portclaim";
  },
  async "pnpm, whose script calls the launcher through a linked directory"(world) {
    const store = "p/node_modules/.pnpm/portclaim.bin@1/node_modules";
    installLauncher(world, `${store}/portclaim`);
    await installProgram(world, store, PRINT_ARGUMENTS);
    link(world, "p/node_modules/portclaim", ".pnpm/portclaim.bin@1/node_modules/portclaim");
    return "p/node_modules/.bin/../portclaim/npm/portclaim.bin";
  },
  async "Yarn 4 without node_modules"(world) {
    installLauncher(world, ".yarn/unplugged/portclaim-npm-1-a/node_modules/portclaim");
    const target = await targetOf(BINARY);
    const modules = `.yarn/unplugged/@portclaim-${target}-npm-1-b/node_modules`;
    await installProgram(world, modules, PRINT_ARGUMENTS);
    return ".yarn/unplugged/portclaim-npm-1-a/node_modules/portclaim/npm/portclaim.bin";
  },
  async "a link to a link, in a directory with spaces and quotes"(world) {
    installLauncher(world, "a 'b' \"c\"/node_modules/portclaim");
    await installProgram(world, "a 'b' \"c\"/node_modules", PRINT_ARGUMENTS);
    link(world, "first", "a 'b' \"c\"/node_modules/portclaim/npm/portclaim.bin");
    link(world, "second", "first");
    return "second";
  },
};

test.each(Object.entries(LAYOUTS))(
  "the program is found in the layout of %s",
  async (_name, make) => {
    await using world = new World();
    const path = world.path(await make(world));
    mkdirSync(world.path("p/node_modules/.bin"), { recursive: true });
    const { out, code } = await world.exec([path, "list", "a b", ""]);
    const [program = "", ...rest] = out.split("\n");
    expect({ code, rest }).toEqual({ code: 0, rest: ["list", "a b", "", ""] });
    expect(program).toEndWith("/portclaim");
  },
);

/** Runs a shell script in which `$portclaim` becomes another shell script through the launcher. */
async function become(program: string, caller: string, env = {}): Promise<Result> {
  await using world = new World(env);
  installLauncher(world, "p/node_modules/portclaim");
  await installProgram(world, "p/node_modules", `#!/bin/sh\n${program}\n`);
  link(world, "p/node_modules/.bin/portclaim", "../portclaim/npm/portclaim.bin");
  const command = `portclaim=${world.path("p/node_modules/.bin/portclaim")}\n${caller}`;
  return await world.exec(["bash", "-c", command]);
}

test("arguments arrive byte for byte", async () => {
  const all = Array.from({ length: 255 }, (_, i) => `\\x${(i + 1).toString(16)}`).join("");
  const caller = `"$portclaim" "$(printf '${all}x')" '' ' *' | od -An -tx1 -v`;
  const { out } = await become(`printf '%s\\0' "$@"`, caller);
  const bytes = out.trim().split(/\s+/);
  const expected = Array.from({ length: 255 }, (_, i) => (i + 1).toString(16).padStart(2, "0"));
  expect(bytes).toEqual([...expected, "78", "00", "00", "20", "2a", "00"]);
});

test("variables arrive byte for byte, even those that the launcher's own names could change", async () => {
  const names = ["dir", "root", "program", "at", "target", "portclaim_other"];
  const env = Object.fromEntries(names.map((name) => [name, ` ${name}\n`]));
  const caller = `export raw=$'\\xff\\x81 x'; "$portclaim" | od -An -tx1 -v; exit "\${PIPESTATUS[0]}"`;
  const program = `env -0 | grep -az '^[a-z]' | sort -z`;
  const [direct, through] = await Promise.all([
    become("", `export raw=$'\\xff\\x81 x'; ${program} | od -An -tx1 -v`, env),
    become(program, caller, env),
  ]);
  expect(through.out).toBe(direct.out);
  expect(direct.out).toContain("ff 81 20 78");
});

test("the process, its limits and its ignored signals stay", async () => {
  const program = `echo $$; ulimit -Sn; grep SigIgn /proc/$$/status; read line; echo "$line"`;
  const { out } = await become(
    program,
    `ulimit -Sn 77; trap '' INT USR1; echo input | exec "$portclaim" > ~/said & echo $!; wait $!; cat ~/said`,
  );
  const [expected, pid, limit, ignored = "", line] = out.trim().split("\n");
  expect([pid, limit, line]).toEqual([expected, "77", "input"]);
  // Signals 2 and 10.
  expect(BigInt(`0x${ignored.split("\t")[1]}`) & 0x202n).toBe(0x202n);
});

test.if(process.platform === "linux")(
  "a command of run finds the soft limit and the ignored signals of a shell that became it",
  async () => {
    const print = `ulimit -Sn; grep SigIgn /proc/self/status; env | grep LAUNCHED`;
    const { out } = await become(
      `exec ${BINARY} "$@"`,
      `ulimit -Sn 77; trap '' PIPE XFSZ; exec "$portclaim" run web -- sh -c '${print}'`,
    );
    // Signals 13 and 25.
    expect(out).toMatch(/^77\nSigIgn:\s*0+1001000\n$/);
  },
);

test("without the platform's package or Bun, one sentence says what to install", async () => {
  await using world = new World();
  installLauncher(world, "portclaim");
  const { code, out, err } = await world.exec([world.path("portclaim/npm/portclaim.bin"), "list"]);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(
    /^portclaim: no program for \S+ \S+ is installed: [^\n]*Bun 1\.4 or newer\n$/,
  );
});

test("without the platform's package, it runs on Bun", async () => {
  await using world = new World();
  installLauncher(world, "portclaim");
  world.write("portclaim/dist/cli.js", '#!/bin/sh\necho "on Bun: $*"\n');
  link(world, "bin/bun", process.execPath);
  const env = { PATH: `${world.path("bin")}:${world.env["PATH"]}` };
  const command = [world.path("portclaim/npm/portclaim.bin"), "list", "--all"];
  expect(await world.exec(command, { env })).toEqual({
    code: 0,
    out: "on Bun: list --all\n",
    err: "",
  });
});

test("the launcher passes shellcheck", async () => {
  await using world = new World();
  const command = ["shellcheck", LAUNCHER];
  expect(await world.exec(command)).toEqual({ code: 0, out: "", err: "" });
});
