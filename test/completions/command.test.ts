import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { claim as claimFor, marked } from "../git.ts";
import { World } from "../harness.ts";

const ask = async (world: World, ...words: string[]) => {
  const { code, out, err } = await world.run(["completions", "--", ...words]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out;
};

test.each(["bash", "zsh", "fish"])(
  "the script for %s is printed, bare or as JSON",
  async (shell) => {
    await using world = new World();
    const { code, out } = await world.run(["completions", shell]);
    expect(code).toBe(0);
    expect(out).toContain("portclaim completions --");
    const { out: json } = await world.run(["completions", shell, "--json"]);
    expect(JSON.parse(json)).toEqual({ shell, script: out });
  },
);

test("the script for bash passes shellcheck", async () => {
  await using world = new World();
  const { out: script } = await world.run(["completions", "bash"]);
  const check = ["shellcheck", "--shell=bash", "-"];
  expect(await world.exec(check, { input: script })).toEqual({ code: 0, out: "", err: "" });
});

test.each([[], ["ksh"]])("no script for %j: the shells are named", async (...shell) => {
  await using world = new World();
  const { code, out, err } = await world.run(["completions", ...shell]);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain("portclaim completions bash|zsh|fish");
});

test("live claims are offered with a description, dead ones aren't", async () => {
  await using world = new World();
  const ended = world.spawn(["sleep", "1000"]);
  await world.acquire("--service", "gone", "--pid", String(ended.pid));
  const port = await world.acquire("--service", "here");
  ended.kill("SIGKILL");
  await ended.exited;
  expect(await ask(world, "find", "--service", "")).toMatch(
    new RegExp(`^here\t${port}, here in my-app, \\d+s\n$`),
  );
});

test("run and acquire are offered the services of portclaim.toml", async () => {
  await using world = new World();
  await Bun.write(join(world.cwd, ".git/HEAD"), "");
  await Bun.write(join(world.cwd, "portclaim.toml"), "[services.postgres]\n[services.web]\n");
  for (const command of ["run", "acquire"]) {
    expect(await ask(world, command, "p")).toBe("postgres\tin portclaim.toml\n");
  }
  expect(await ask(world, "release", "p")).toBe("");
});

test("what config.toml names is completed only for commands that ask for a port", async () => {
  await using world = new World();
  await world.run(["init"]);
  await Bun.write(join(world.home, "config.toml"), "[services.postgres]\nport = 5432\n");
  expect(await ask(world, "acquire", "--service", "p")).toBe("postgres\tin config.toml\n");
  expect(await ask(world, "find", "--service", "p")).toBe("");
});

test("a malformed config hides no live claim", async () => {
  await using world = new World();
  const port = await world.acquire("--service", "web");
  await Bun.write(join(world.home, "config.toml"), "][");
  expect(await ask(world, "release", "")).toStartWith(`${port}\t`);
});

test("what the command would refuse is not offered", async () => {
  await using world = new World();
  const shop = marked(world, "shop");
  const { pid } = world.spawn(["sleep", "1000"]);
  const port = await claimFor(world, shop, pid);
  const names = async (cwd: string, ...words: string[]) => {
    const { out } = await world.run(["completions", "--", ...words], { cwd });
    return out.split("\n").map((line) => line.split("\t")[0]);
  };
  for (const command of ["find", "who", "wait", "url", "open", "stop", "release"]) {
    const isFarReaching = command === "find" || command === "who";
    expect(await names(`${shop}`, command, "--service", "")).toContain("web");
    expect((await names(world.cwd, command, "--service", "")).includes("web")).toBe(isFarReaching);
    expect(await names(world.cwd, command, "--project", "shop", "-s", "")).toContain("web");
  }
  expect(await names(world.cwd, "stop", "")).not.toContain(`${port}`);
  expect(await names(world.cwd, "who", "")).toContain(`${port}`);
});

test("a name with control characters is not offered", async () => {
  await using world = new World();
  const port = await world.acquire("--service", "web");
  const claim = await world.claim(port);
  const planted = JSON.stringify({ ...claim, service: "a\nb\tc\u001b[2J" });
  await Bun.write(join(world.home, "claims", `${port}.json`), planted);
  expect(await ask(world, "find", "--service", "")).toBe("");
  expect(await ask(world, "release", "")).toStartWith(
    `${port}\t${port}, a\\u{a}b\\u{9}c\\u{1b}[2J`,
  );
});

test("without a registry, nothing is offered and none is created", async () => {
  await using world = new World();
  rmSync(world.home, { recursive: true });
  expect(await ask(world, "find", "--service", "")).toBe("");
  expect(await Bun.file(join(world.home, ".lock")).exists()).toBe(false);
  expect((await world.exec(["ls", world.home])).code).not.toBe(0);
});
