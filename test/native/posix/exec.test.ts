import { describe, expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { PORTCLAIM, ROOT, script, World } from "../../harness.ts";

const linux = process.platform === "linux";

/** Runs a shell script in which "$@" is `portclaim run --service web --`. */
async function run(world: World, line: string, env: Record<string, string> = {}) {
  const portclaim = [...PORTCLAIM, "run", "--service", "web", "--"];
  const { out, err } = await world.exec(["bash", "-c", line, "bash", ...portclaim], { env });
  expect(err).toBe("");
  return out;
}

const ARGUMENTS = `perl -e 'print join " ", map { unpack "H*" } @ARGV'`;
const VARIABLE = `perl -e 'print unpack "H*", $ENV{RAW}'`;

describe.if(linux)("an argument that isn't UTF-8", () => {
  test.each([
    ["\\xff", "ff"],
    ["caf\\xe9", "636166e9"],
    ["\\xc5\\xbc\\xe2\\x82", "c5bce282"],
    ["\\xed\\xa0\\x80", "eda080"],
    ["\\xef\\xbf\\xbd", "efbfbd"],
    ["\\xef\\xbb\\xbfx", "efbbbf78"],
  ])("arrives unchanged: %s", async (text, hex) => {
    await using world = new World();
    const line = `"$@" ${ARGUMENTS} "$(printf '${text}')" plain`;
    expect(await run(world, line)).toBe(`${hex} 706c61696e`);
  });

  test("may contain {port}", async () => {
    await using world = new World();
    const out = await run(world, `"$@" ${ARGUMENTS} "$(printf '\\xff={port}')" {port}`);
    const [raw = "", plain = ""] = out.split(" ");
    expect(Buffer.from(plain, "hex").toString()).toMatch(/^\d+$/);
    expect(raw).toBe(`ff3d${plain}`);
  });

  test("may be the program", async () => {
    await using world = new World();
    const line = `p="$(printf './caf\\xe9')"; printf '#!/bin/sh\\nprintf "%%s" "$0"' > "$p"; chmod +x "$p"`;
    const out = await run(world, `${line}; "$@" "$p" | od -An -tx1 | tr -d ' \\n'`);
    expect(out).toBe("2e2f636166e9");
  });
});

describe.if(linux)("an environment", () => {
  test("that isn't UTF-8 arrives unchanged", async () => {
    await using world = new World();
    expect(await run(world, `RAW="$(printf 'caf\\xe9')" "$@" ${VARIABLE}`)).toBe("636166e9");
  });

  test("arrives whole, apart from the variables that run sets", async () => {
    await using world = new World();
    const set = `A=1 EMPTY= LINES="$(printf 'a\\nb')" PORT=1 WEB_PORT=2`;
    const entries = `perl -0777 -ne 'tr/\\0/\\1/; print' /proc/self/environ`;
    const read = async (line: string) => (await run(world, line)).split("\u0001").slice(0, -1);
    const plain = await read(`env -i ${set} ${entries}`);
    const found = await read(`env -i ${set} PATH="$PATH" HOME="$HOME" "$@" ${entries}`);
    const isOurs = (entry: string) => /^(PORT|WEB_PORT|PORTCLAIM_\w+|PATH|HOME)=/.test(entry);
    expect(found.filter((entry) => !isOurs(entry))).toEqual(
      plain.filter((entry) => !isOurs(entry)),
    );
    expect(plain).toHaveLength(5);
    for (const name of ["PORT", "WEB_PORT"]) {
      expect(found.filter((entry) => entry.startsWith(`${name}=`))).toHaveLength(1);
    }
  });

  test("may have a PATH that isn't UTF-8", async () => {
    await using world = new World();
    const bin = `bin="$PWD/$(printf 'caf\\xe9')"; mkdir "$bin"; echo 'echo found' > "$bin/tool"; chmod +x "$bin/tool"`;
    expect(await run(world, `${bin}; PATH="$bin:$PATH" "$@" tool`)).toBe("found\n");
  });
});

/** Which of two signals a program ignores: bits 12 (SIGPIPE) and 24 (SIGXFSZ) of SigIgn. */
const IGNORED = `perl -ne 'printf "%s %s", hex($1) >> 12 & 1, hex($1) >> 24 & 1 if /^SigIgn:\\s*\\w*(\\w{8})$/' /proc/self/status`;

describe.if(linux)("SIGPIPE and SIGXFSZ", () => {
  test.each([
    ["have their default effect", '"$@"', "0 0"],
    ["stay ignored where a shell ignores them", `trap "" PIPE XFSZ; "$@"`, "1 1"],
    ["each by itself", `trap "" PIPE; "$@"`, "1 0"],
    ["through programs that become another", `trap "" PIPE; env nice "$@"`, "1 0"],
    [
      "have their default effect below a program that ignores them only itself",
      `python3 -c 'import subprocess, sys; subprocess.run(sys.argv[1:])' "$@"`,
      "0 0",
    ],
  ])("%s", async (_, line, ignored) => {
    await using world = new World();
    expect(await run(world, `${line} ${IGNORED}; exit`)).toBe(ignored);
  });
});

test("a program that can't be run is an error", async () => {
  await using world = new World();
  const path = world.path("broken");
  writeFileSync(path, "#!/no/such/interpreter\n");
  chmodSync(path, 0o755);
  const becoming = script(`
    import { become, findProgram } from "${ROOT}/native/posix/exec.ts";
    const path = ${JSON.stringify(path)};
    try { become(findProgram(path, ""), [path], {}); } catch ({ code, path }) { console.log(code, path); }`);
  expect(await world.exec(becoming)).toEqual({
    code: 0,
    out: `ENOENT the interpreter of ${path}\n`,
    err: "",
  });
});
