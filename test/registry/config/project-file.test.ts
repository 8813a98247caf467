import { describe, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { thisMachine } from "../../../native/machine.ts";
import { loadProjectFile } from "../../../registry/config/project-file.ts";
import { RegistryError } from "../../../registry/errors/errors.ts";
import { temporaryFolder } from "../../harness.ts";
import { needs } from "../../needs.ts";

const load = (root: string) => loadProjectFile(thisMachine(), { root, linked: false });

/** What a portclaim.toml with this text says, in a checkout of its own. */
async function parsed(text: string) {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "portclaim.toml"), text);
  return await load(folder.path);
}

/** The error for a text, without the path of its file. */
async function problem(text: string): Promise<string> {
  try {
    await parsed(text);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    expect(error.reason.code).toBe("project-file");
    return error.message.replace(/^.*?portclaim\.toml/, "");
  }
  return "";
}

test("a checkout without the file has none", async () => {
  using folder = temporaryFolder();
  expect(await load(folder.path)).toBeUndefined();
  expect(await loadProjectFile(thisMachine(), undefined)).toBeUndefined();
});

test("every key is read", async () => {
  using folder = temporaryFolder();
  const root = realpathSync(folder.path);
  mkdirSync(join(root, "apps/web"), { recursive: true });
  writeFileSync(
    join(root, "portclaim.toml"),
    `project = "shop"
[services.web]
port = 3000
run = "npm run dev"
dir = "apps/web"
env = "FRONTEND_PORT"
lease = "persistent"
[services.db]
shared = true
[env]
API_URL = "http://localhost:{web.port}/v1"
`,
  );
  const file = await load(root);
  const checkout = { root, linked: false };
  expect(file).toMatchObject({ path: join(root, "portclaim.toml"), root, project: "shop" });
  expect([...(file?.env ?? [])]).toEqual([["API_URL", "http://localhost:{web.port}/v1"]]);
  expect([...(file?.services.values() ?? [])]).toEqual([
    {
      name: "web",
      port: 3000,
      run: "npm run dev",
      variables: ["WEB_PORT", "FRONTEND_PORT"],
      lease: "persistent",
      shared: false,
      place: { cwd: join(root, "apps/web"), project: "shop", checkout },
    },
    {
      name: "db",
      variables: ["DB_PORT"],
      shared: true,
      place: { cwd: root, project: "shop", checkout },
    },
  ]);
});

test.each([
  ['projct = "x"', ':1: unknown key "projct"; expected "project", "services" or "env"'],
  [
    "[services.web]\nprot = 1",
    ':2: unknown key "services.web.prot"; expected "port", "run", "dir", "env", "lease" or "shared"',
  ],
])("an unknown key is a warning: %j", async (text, warning) => {
  const { warnings = [] } = (await parsed(text)) ?? {};
  expect(warnings.map((each) => each.replace(/^.*?portclaim\.toml/, ""))).toEqual([warning]);
});

const service = (line: string) => `[services.web]\n${line}\n`;
const url = (value: string) => `[services.api]\n[env]\nA_URL = ${JSON.stringify(value)}\n`;

test.each([
  ["= 1", ":1: "],
  ["project = 1", ":1: project: 1 is not a string"],
  ['project = ""', ':1: project: invalid project "": it is empty'],
  ["services = 1", ":1: services: expected a table"],
  [
    service("port = 80"),
    ":2: services.web.port: 80 is not a port; expected a number from 1024 to 65535",
  ],
  [
    service('port = "3000"'),
    ':2: services.web.port: "3000" is not a port; expected a number from 1024 to 65535',
  ],
  [
    service("port = 3000.5"),
    ":2: services.web.port: 3000.5 is not a port; expected a number from 1024 to 65535",
  ],
  [
    service('lease = "forever"'),
    ':2: services.web.lease: "forever" is not a lease; expected "ephemeral" or "persistent"',
  ],
  [service("shared = 1"), ":2: services.web.shared: 1 is not true or false"],
  [service("run = 1"), ":2: services.web.run: 1 is not a string"],
  [service('run = "a\\nb"'), String.raw`:2: services.web.run: "a\nb" contains control characters`],
  [service('dir = "/etc"'), ':2: services.web.dir: "/etc" is not inside the file\'s directory'],
  [
    service('dir = "a/../.."'),
    ':2: services.web.dir: "a/../.." is not inside the file\'s directory',
  ],
  [
    service('env = "PATH"'),
    ':2: services.web.env: "PATH" must end in _PORT, _URL, _URI, _HOST, _ORIGIN, _ADDR, _ENDPOINT, _DSN',
  ],
  [service('env = "PORT"'), ':2: services.web.env: "PORT" must end in'],
  [
    service('env = "X;reboot_PORT"'),
    ':2: services.web.env: "X;reboot_PORT" is not the name of a variable',
  ],
  [
    service('env = "LD_X_PORT"'),
    ':2: services.web.env: "LD_X_PORT" begins with LD_, which is not allowed',
  ],
  ['[services."a/b"]', ':1: services.a/b: invalid service "a/b": it contains a "/"'],
  [
    "[services.web-1]\n[services.web_1]",
    ':2: services.web_1: it would set WEB_1_PORT, as "web-1" does',
  ],
  [
    Array.from({ length: 65 }, (_, i) => `[services.s${i}]`).join("\n"),
    ":65: services.s64: more than 64 services",
  ],
  [url("http://localhost:{web.port}"), ':3: env.A_URL: there is no service "web"'],
  [url("http://evil.example:{api.port}"), ":3: env.A_URL: "],
  [url("http://localhost.evil.example:{api.port}"), ":3: env.A_URL: "],
  [url("http://localhost:{api.port}@evil.example/"), ":3: env.A_URL: "],
  [url("http://a@b@localhost:{api.port}"), ":3: env.A_URL: "],
  [url("http://localhost:{api.port}/$(id)"), ":3: env.A_URL: "],
  [url("http://localhost:{api.port}/`id`"), ":3: env.A_URL: "],
  [url("http://localhost:{api.port}/'"), ":3: env.A_URL: "],
  [url("http://localhost:{api.port}/\n"), ":3: env.A_URL: "],
  [url("$(id)"), ":3: env.A_URL: "],
  [url(""), ":3: env.A_URL: "],
  ['[env]\n"A_URL\\nB" = "x"', ":1: env.A_URL\nB: "],
  [
    `[services.api]\n[env]\nNODE_OPTIONS_URL = "{api.port}"`,
    ':3: env.NODE_OPTIONS_URL: "NODE_OPTIONS_URL" begins with NODE_',
  ],
  [
    `[services.api]\n[env]\nNODE_OPTIONS = "{api.port}"`,
    ':3: env.NODE_OPTIONS: "NODE_OPTIONS" begins with NODE_',
  ],
  [`a = ${"[".repeat(30_000)}`, ":1: "],
])("a mistake names the line and the key: %j", async (text, expected) => {
  expect(await problem(text)).toStartWith(expected);
});

test.each([
  "{api.port}",
  "localhost:{api.port}",
  "127.0.0.1:{api.port}",
  "[::1]:{api.port}",
  "http://localhost:{api.port}",
  "https://shop.localhost:{api.port}/v1?a=b#c",
  "postgres://user:pass@127.0.0.1:{api.port}/shop",
])("a value of [env] may be %s", async (value) => {
  expect([...((await parsed(url(value)))?.env.values() ?? [])]).toEqual([value]);
});

test("a large file is refused before it is parsed", async () => {
  expect(await problem(`#${"x".repeat(10_000_000)}`)).toBe(" is larger than 64 KiB");
});

describe("who may write the file", () => {
  test.each([
    [0o666, " is writable by everyone"],
    [0o664, ""],
    [0o644, ""],
  ])("mode %o", async (mode, expected) => {
    using folder = temporaryFolder();
    const path = join(folder.path, "portclaim.toml");
    writeFileSync(path, "");
    chmodSync(path, mode);
    const told = await load(folder.path).then(
      () => "",
      (error: Error) => error.message.replace(path, ""),
    );
    expect(told).toBe(expected);
  });

  needs("root").test("another group's write permission, or another owner, is refused", async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "portclaim.toml");
    writeFileSync(path, "");
    chmodSync(path, 0o664);
    chownSync(path, 0, 12345);
    expect(load(folder.path)).rejects.toThrow("is writable by group 12345, which is not yours");
    chownSync(path, 12345, 0);
    expect(load(folder.path)).rejects.toThrow("is owned by user 12345, not 0");
  });

  test("a symbolic link, a directory and a pipe are refused", async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "portclaim.toml");
    symlinkSync("/etc/passwd", path);
    expect(load(folder.path)).rejects.toThrow(`cannot read ${path}: it is a symbolic link`);
    using other = temporaryFolder();
    mkdirSync(join(other.path, "portclaim.toml"));
    expect(load(other.path)).rejects.toThrow("is a directory");
  });
});

test("dir is followed to its real path, which must lie in the checkout", async () => {
  using folder = temporaryFolder();
  const root = realpathSync(folder.path);
  mkdirSync(join(root, "packages/web"), { recursive: true });
  symlinkSync("packages", join(root, "apps"));
  symlinkSync("/etc", join(root, "out"));
  writeFileSync(join(root, "portclaim.toml"), service('dir = "apps/web"'));
  const file = await load(root);
  expect(file?.services.get("web")?.place.cwd).toBe(join(root, "packages/web"));
  writeFileSync(join(root, "portclaim.toml"), service('dir = "out"'));
  expect(load(root)).rejects.toThrow(
    'portclaim.toml:2: services.web.dir: "out" leads out of the checkout, to /etc',
  );
});
