import { expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { checkout, git, marked } from "../../git.ts";
import { World } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { shop, variables } from "./shop.ts";

const START = '# >>> portclaim: written by "portclaim env --write"; do not edit this block >>>';
const END = "# <<< portclaim <<<";

function block(ports: Parameters<typeof variables>[0]): string {
  const lines = Object.entries(variables(ports)).map(([name, value]) =>
    name === "SHOP_URL" ? `${name}='${value}'` : `${name}=${value}`,
  );
  return [START, ...lines, END, ""].join("\n");
}

const write = (world: World, cwd: string, file = ".env.local", ...rest: string[]) =>
  world.run(["env", "--write", file, ...rest], { cwd });

test("the block is written once, and everything around it stays byte for byte", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  const ports = shop(world, root);
  const path = `${root}/.env.local`;
  const above = Buffer.from([
    ...Buffer.from('# mine\r\nSECRET="'),
    0xff,
    0x00,
    ...Buffer.from('"\nLAST'),
  ]);
  await Bun.write(path, above);
  chmodSync(path, 0o640);
  expect(await write(world, root)).toEqual({ code: 0, out: "", err: `portclaim: wrote ${path}\n` });
  const whole = Buffer.concat([above, Buffer.from(`\n${block(ports)}`)]);
  expect(Buffer.from(await Bun.file(path).bytes())).toEqual(whole);
  expect(statSync(path).mode & 0o777).toBe(0o640);

  await Bun.write(path, Buffer.concat([whole, Buffer.from("BELOW=1\n")]));
  const { ino } = statSync(path);
  expect(await write(world, `${root}/apps/web`, "../../.env.local")).toMatchObject({ err: "" });
  expect(statSync(path).ino).toBe(ino);

  const removed = await write(world, root, ".env.local", "--remove");
  expect(removed).toMatchObject({ code: 0, err: `portclaim: removed the block from ${path}\n` });
  expect(Buffer.from(await Bun.file(path).bytes())).toEqual(
    Buffer.concat([above, Buffer.from("\nBELOW=1\n")]),
  );
  expect(statSync(path).mode & 0o777).toBe(0o640);
});

test("a changed port is written in place of the old one", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  const ports = shop(world, root);
  const path = `${root}/.env.local`;
  await Bun.write(path, `A=1\n${START}\nOLD_PORT=1\n${END}\nB=2\n`);
  await write(world, root);
  expect(await Bun.file(path).text()).toBe(`A=1\n${block(ports)}B=2\n`);
});

test("an editor's line endings around and in the block don't make a second one", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  const ports = shop(world, root);
  const path = `${root}/.env.local`;
  await Bun.write(path, `A=1\r\n${START}\r\nOLD_PORT=1\r\n${END}`);
  await write(world, root);
  expect(await Bun.file(path).text()).toBe(`A=1\r\n${block(ports)}`);
});

test("a file that only has the block is removed with it", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  shop(world, root);
  await write(world, root);
  expect(existsSync(`${root}/.env.local`)).toBeTrue();
  await write(world, root, ".env.local", "--remove");
  expect(existsSync(`${root}/.env.local`)).toBeFalse();
});

test("ten concurrent writers keep a person's lines and one block", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  const ports = shop(world, root);
  await Bun.write(`${root}/.env.local`, "A=1\n");
  const results = await Promise.all(Array.from({ length: 10 }, () => write(world, root)));
  expect(results.map(({ code }) => code)).toEqual(Array.from({ length: 10 }, () => 0));
  expect(await Bun.file(`${root}/.env.local`).text()).toBe(`A=1\n${block(ports)}`);
  expect(readdirSync(root).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("a link, a directory, a place outside of the checkout and broken marks are refused", async () => {
  await using world = new World();
  const root = marked(world, "mono");
  shop(world, root);
  const outside = world.path("outside");
  mkdirSync(outside);
  symlinkSync(outside, `${root}/out`);
  symlinkSync(`${outside}/file`, `${root}/link`);
  await Bun.write(`${root}/half`, `${START}\nA=1\n`);
  await Bun.write(`${root}/twice`, `${START}\n${END}\n${START}\n${END}\n`);
  for (const [file, message] of [
    ["link", "link is a symbolic link"],
    ["apps", "apps is not a file"],
    ["../outside/file", `../outside/file is outside of the checkout ${root}`],
    ["out/file", `out/file is outside of the checkout ${root}`],
    ["missing/file", `no such directory: ${root}/missing`],
    ["half", `${root}/half has more than one portclaim block, or an incomplete one`],
    ["twice", `${root}/twice has more than one portclaim block, or an incomplete one`],
  ] as const) {
    const { code, err } = await write(world, root, file);
    expect(err).toStartWith(`portclaim: ${message}\n`);
    expect(code).toBe(2);
  }
  expect(readdirSync(outside)).toEqual([]);
  expect(await Bun.file(`${root}/half`).text()).toBe(`${START}\nA=1\n`);
});

needs("git").test("a file that git tracks gets a warning", async () => {
  await using world = new World();
  const root = await checkout(world, "mono");
  shop(world, root);
  await Bun.write(`${root}/.env`, "A=1\n");
  await git(world, root, "add", ".env");
  expect((await write(world, root, ".env")).err).toContain(
    `warning: git tracks ${root}/.env; ports differ in every checkout, so ignore it instead`,
  );
  expect((await write(world, root)).err).not.toContain("warning");
});
