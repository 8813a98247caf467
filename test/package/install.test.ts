import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../package.json";
import { targetOf } from "../../scripts/head.ts";
import { packageOf } from "../../scripts/platform-package.ts";
import type { Target } from "../../scripts/targets.ts";
import { BINARY, until } from "../harness.ts";
import { Customer } from "./customer.ts";
import { DEEDS, hostile } from "./hostile.ts";

// Verdaccio and npm take their time, the first time above all.
const SLOW = 120_000;
setDefaultTimeout(SLOW);

let customer: Customer;
let platform: string;
beforeAll(async () => {
  customer = await Customer.start();
  platform = packageOf((await targetOf(BINARY)) as Target);
}, SLOW);
afterAll(() => customer[Symbol.asyncDispose]());

test("bunx claims a port in an empty HOME, cold and warm, for whoever called it", async () => {
  const cold = await customer.must(["bunx", "portclaim", "acquire", "--service", "cold"]);
  const warm = await customer.must(["bunx", "portclaim", "acquire", "--service", "warm"]);
  const ports = [cold, warm].map(({ out }) => out);
  expect(ports.map((out) => /^\d+\n$/.test(out))).toEqual([true, true]);
  expect(warm.err).toBe("");
  const claims = await customer.claims();
  expect(claims.map(({ port, pid, service }) => ({ port, pid, service }))).toEqual([
    { port: Number(ports[0]), pid: process.pid, service: "cold" },
    { port: Number(ports[1]), pid: process.pid, service: "warm" },
  ]);
});

test("bunx fetches portclaim and this platform's package, and no other", async () => {
  const { out } = await customer.must(["find", customer.path(".bun"), "-name", "package.json"]);
  const names = out.split("\n").filter((path) => path.includes("node_modules/"));
  expect(new Set(names.map((path) => path.replace(/.*node_modules\//, "")))).toEqual(
    new Set(["portclaim/package.json", `${platform}/package.json`]),
  );
});

test("nothing in the current directory runs, or says where the registry is", async () => {
  const folder = hostile(customer.path("hostile"));
  const before = (await customer.claims()).length;
  const { out } = await customer.must(["bunx", "portclaim", "acquire", "--service", "web"], {
    cwd: folder,
  });
  expect(out).toMatch(/^\d+\n$/);
  expect(await customer.claims()).toHaveLength(before + 1);
  expect(DEEDS.filter((name) => existsSync(join(folder, name)))).toEqual([]);
});

test("what was fetched once works where bunfig.toml names another registry", async () => {
  const folder = hostile(
    customer.path("elsewhere"),
    '[install]\nregistry = "http://127.0.0.1:1/"\n',
  );
  const { out } = await customer.must(["bunx", "portclaim", "--version"], { cwd: folder });
  expect(out).toBe(`${version}\n`);
});

test("bunx serves MCP", async () => {
  const server = customer.spawn(["bunx", "portclaim", "mcp-serve"]);
  const params = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  };
  server.stdin.write(
    `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params })}\n`,
  );
  server.stdin.end();
  const answer = JSON.parse(await new Response(server.stdout).text()) as {
    result: { serverInfo: { name: string; version: string } };
  };
  expect(answer.result.serverInfo).toMatchObject({ name: "portclaim", version });
  expect(await server.exited).toBe(0);
});

test.each([
  ["bun add -g", ["bun", "add", "--global", "portclaim"], ".bun/bin/portclaim"],
  ["npm i -g", ["npm", "install", "--global", "--prefix=.", "portclaim"], "bin/portclaim"],
])("%s installs a command that works in a hostile directory", async (name, command, path) => {
  const folder = hostile(customer.path(name.replaceAll(" ", "")));
  await customer.must(command, { cwd: customer.path(".") });
  const { out } = await customer.must([customer.path(path), "--version"], { cwd: folder });
  expect(out).toBe(`${version}\n`);
  expect(existsSync(join(folder, "ran"))).toBe(false);
});

test("npx claims a port without Bun on PATH, for the process that called it", async () => {
  const env = { PATH: customer.withoutBun };
  const { out, err } = await customer.must(["npx", "-y", "portclaim", "acquire", "npx"], { env });
  expect([out, err]).toEqual([expect.stringMatching(/^\d+\n$/), ""]);
  const claim = (await customer.claims()).find(({ service }) => service === "npx");
  expect(claim?.pid).toBe(process.pid);
});

test("with --omit=optional, npm installs a command that needs Bun and says so", async () => {
  const cwd = customer.path("omit");
  mkdirSync(cwd);
  // npm ignores the flag with --global.
  await customer.must(["npm", "install", "--omit=optional", "portclaim"], { cwd });
  const command = [`${cwd}/node_modules/.bin/portclaim`, "--version"];
  expect((await customer.must(command)).out).toBe(`${version}\n`);
  const { code, err } = await customer.exec(command, { env: { PATH: customer.withoutBun } });
  expect([code, err]).toEqual([1, expect.stringContaining("with its optional dependencies")]);
});

const USE = `import { acquire, list, release, RegistryError, type HeldClaim } from "portclaim";
const claim: HeldClaim = await acquire("web", { project: "lib" });
const [view] = await list({ project: "lib" });
const gone = await release({ project: "lib" });
const refused = await release(claim.port).catch((error: unknown) => error);
const isRefusal: boolean = refused instanceof RegistryError && refused.reason.code === "not-found";
console.log(view?.port === claim.port, view?.state, claim.pid === process.pid, gone.length, isRefusal);
declare const process: { pid: number };
declare const console: { log(...values: unknown[]): void };
`;

/** A project that depends on portclaim. */
async function dependent(): Promise<string> {
  const folder = customer.path("dependent");
  if (existsSync(folder)) return folder;
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "use.ts"), USE);
  await customer.must(["bun", "add", "portclaim"], { cwd: folder });
  return folder;
}

test("a Bun script claims, lists and releases through the library", async () => {
  const { out } = await customer.must(["bun", "use.ts"], { cwd: await dependent() });
  expect(out).toBe("true starting true 1 true\n");
});

test.each(["bundler", "nodenext"])("the types hold under %s", async (resolution) => {
  const module = resolution === "bundler" ? "esnext" : "nodenext";
  const flags = ["--strict", "--noEmit", "--target", "esnext", "--module", module];
  const tsc = join(import.meta.dir, "../../node_modules/typescript/bin/tsc");
  const types = ["--moduleResolution", resolution, "--types", "", "--skipLibCheck", "false"];
  const { out, code } = await customer.exec(["bun", tsc, ...flags, ...types, "use.ts"], {
    cwd: await dependent(),
  });
  expect({ out, code }).toEqual({ out: "", code: 0 });
});

test.each([
  ["import.mjs", 'import { acquire } from "portclaim"; await acquire("web");'],
  ["require.cjs", 'const { acquire } = require("portclaim"); acquire("web");'],
])("under Node, %s is told in one sentence what to do", async (name, text) => {
  const folder = await dependent();
  writeFileSync(join(folder, name), text);
  const { code, err } = await customer.exec(["node", name], { cwd: folder });
  expect(code).toBe(1);
  const sentence = err.split("\n").find((line) => line.startsWith("Error: "));
  expect(sentence).toContain("needs Bun");
  expect(sentence).toContain("the portclaim library needs Bun");
});

test("a claim of the library ends with its process", async () => {
  const folder = await dependent();
  const text =
    'import { acquire } from "portclaim"; await acquire("brief"); setInterval(() => {}, 1e6);';
  writeFileSync(join(folder, "stay.ts"), text);
  const child = customer.spawn(["bun", "stay.ts"], { cwd: folder });
  const mine = async () => (await customer.claims()).filter(({ service }) => service === "brief");
  await until("it has its port", async () => (await mine()).length === 1);
  child.kill("SIGKILL");
  await child.exited;
  await customer.must(["bunx", "portclaim", "reap"]);
  expect(await mine()).toEqual([]);
});
