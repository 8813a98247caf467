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

test("bunx claims a port in an empty HOME, cold and warm, for the process that called it", async () => {
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

test("once fetched, it works where bunfig.toml names another registry", async () => {
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

const USE = `import { acquire, acquireSync, find, list, PortclaimError, release, type HeldClaim } from "portclaim";
export async function use(): Promise<string> {
  const claim: HeldClaim = await acquire("web", { project: "lib" });
  const again: number = acquireSync("web", { project: "lib", reuse: true }).port;
  const [view] = await list({ project: "lib" });
  const url: string | undefined = (await find("web", { project: "lib" }))?.url;
  const gone = await release({ project: "lib" });
  const refused = await release(claim.port).catch((error: unknown) => error);
  const code = refused instanceof PortclaimError && refused.code;
  return [view?.port === claim.port, again === claim.port, view?.state, url === claim.url, gone.length, code].join(" ");
}
`;
const ANSWER = "true true starting true 1 not-found\n";

/** A project that depends on portclaim. */
async function dependent(): Promise<string> {
  const folder = customer.path("dependent");
  if (existsSync(folder)) return folder;
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "use.ts"), USE);
  writeFileSync(join(folder, "use.cts"), USE);
  await customer.must(["bun", "add", "portclaim"], { cwd: folder });
  return folder;
}

test("a Bun script claims, finds, lists and releases through the library", async () => {
  const cwd = await dependent();
  writeFileSync(join(cwd, "main.ts"), 'import { use } from "./use.ts"; console.log(await use());');
  const { out } = await customer.must(["bun", "main.ts"], { cwd });
  expect(out).toBe(ANSWER);
});

test.each(["bundler", "node16", "nodenext"])("the types hold under %s", async (resolution) => {
  const module = resolution === "bundler" ? "esnext" : resolution;
  const flags = ["--strict", "--noEmit", "--target", "es2022", "--module", module];
  const tsc = join(import.meta.dir, "../../node_modules/typescript/bin/tsc");
  const types = ["--moduleResolution", resolution, "--types", "", "--skipLibCheck", "false"];
  const files = resolution === "bundler" ? ["use.ts"] : ["use.ts", "use.cts"];
  const { out, code } = await customer.exec(["bun", tsc, ...flags, ...types, ...files], {
    cwd: await dependent(),
  });
  expect({ out, code }).toEqual({ out: "", code: 0 });
});

test.each(["mjs", "cjs"])("under Node, a .%s does the same", async (kind) => {
  const cwd = await dependent();
  const isModule = kind === "mjs";
  const names = "{ acquire, acquireSync, find, list, PortclaimError, release }";
  const head = isModule
    ? `import ${names} from "portclaim"`
    : `const ${names} = require("portclaim")`;
  const body = new Bun.Transpiler({ loader: "ts" }).transformSync(
    USE.slice(USE.indexOf("export ")),
  );
  const code = `${head};\n${body.replace("export ", "")}\nuse().then(console.log);`;
  writeFileSync(join(cwd, `use.${kind}`), code);
  const { out } = await customer.must(["node", `use.${kind}`], {
    cwd,
    env: { PATH: customer.withoutBun },
  });
  expect(out).toBe(ANSWER);
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
