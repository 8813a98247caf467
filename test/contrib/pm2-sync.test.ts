import { expect, test } from "bun:test";
import { rmSync, existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT, until } from "../harness.ts";
import { accepts } from "../processes.ts";
import { ShellSandbox } from "../shell-sandbox.ts";

const SYNC = join(ROOT, "contrib/portclaim-pm2-sync");
const PM2 = join(ROOT, "node_modules/.bin/pm2");

const SERVICE = `
const at = process.argv.findIndex((word) => /^(--port|-p)/.test(word));
const port = at < 0 ? process.env.PORT : process.argv[at].split("=")[1] ?? process.argv[at + 1];
if (port) require("node:http").createServer((_, answer) => answer.end("ok")).listen(port, "127.0.0.1");
else setInterval(() => {}, 1000);
`;

interface Service {
  name: string;
  pid: number;
  pm2_env: { status: string };
}

/** A stage with a PM2 of its own. */
class Pm2Stage extends ShellSandbox {
  constructor() {
    super();
    this.env["PM2_HOME"] = this.path("pm2");
    this.env["PM2_DISABLE_VERSION_CHECK"] = "true";
    this.env["PATH"] += `:${join(ROOT, "node_modules/.bin")}`;
  }

  async pm2(...args: string[]): Promise<string> {
    const { code, out, err } = await this.exec([PM2, ...args]);
    if (code !== 0) throw new Error(`pm2 ${args.join(" ")}: ${out} ${err}`);
    return out;
  }

  async services(): Promise<Service[]> {
    const list = await this.pm2("jlist");
    return JSON.parse(list.slice(list.lastIndexOf("\n[") + 1)) as Service[];
  }

  async pidOf(name: string): Promise<number> {
    return (await this.services()).find((service) => service.name === name)?.pid ?? 0;
  }
}

test("the ports of PM2's online services are claimed, and stay claimed when they restart", async () => {
  await using stage = new Pm2Stage();
  const [api = 0, web = 0, short = 0, cluster = 0, stopped = 0] = Array.from({ length: 5 }, () =>
    stage.ports.next(),
  );
  stage.write("my-app/service.js", SERVICE);
  const common = { script: "service.js", cwd: stage.cwd };
  const apps = [
    { ...common, name: "api", args: `--port ${api}`, env: { PORT: "1" } },
    { ...common, name: "web", env: { PORT: `${web}` } },
    { ...common, name: "short", args: ["-v", `-p=${short}`] },
    { ...common, name: "cluster", env: { PORT: `${cluster}` }, exec_mode: "cluster", instances: 2 },
    { ...common, name: "portless" },
    { ...common, name: "stopped", args: `--port ${stopped}` },
  ];
  const ecosystem = stage.write(
    "my-app/pm2.config.js",
    `module.exports = ${JSON.stringify({ apps })}`,
  );
  await stage.pm2("start", ecosystem);
  await stage.pm2("stop", "stopped");
  for (const port of [api, web, short, cluster]) {
    await until(`it listens on ${port}`, () => accepts(port), 30);
  }
  const online = (await stage.services()).filter(({ pm2_env }) => pm2_env.status === "online");
  const expected: Record<string, number> = { api, web, short, cluster };
  const said = (result: (name: string, nth: number) => string) => {
    const seen: Record<string, number> = {};
    return online
      .filter(({ name }) => expected[name])
      .map(({ name, pid }) => {
        const nth = (seen[name] = (seen[name] ?? 0) + 1);
        return `${expected[name]} ${name} (pid ${pid}): ${result(name, nth)}\n`;
      })
      .join("");
  };

  const dry = await stage.exec([SYNC, "--dry-run"]);
  expect(dry).toEqual({ code: 0, out: said(() => "would be claimed"), err: "" });
  expect(await stage.list()).toEqual([]);

  const first = await stage.exec([SYNC]);
  expect(first).toEqual({
    code: 0,
    out: said((_, nth) => (nth === 1 ? "claimed" : "already claimed")),
    err: "",
  });
  const claims = await stage.list();
  expect(Object.fromEntries(claims.map(({ service, port }) => [service, port]))).toEqual(expected);
  for (const claim of claims) {
    expect(claim).toMatchObject({ state: "listening", lease: "persistent", project: "my-app" });
    if (claim.service === "cluster") continue;
    expect(claim.pid).toBe(online.find(({ name }) => name === claim.service)?.pid ?? 0);
  }

  const again = { code: 0, out: said(() => "already claimed"), err: "" };
  expect(await stage.exec([SYNC])).toEqual(again);
  expect(await stage.exec([SYNC, "--dry-run"])).toEqual(again);

  const before = await stage.pidOf("api");
  await stage.pm2("restart", "api");
  await until("it listens again", () => accepts(api), 30);
  const after = await stage.pidOf("api");
  expect(after).not.toBe(before);
  const restarted = await stage.exec([SYNC]);
  expect(restarted).toMatchObject({ code: 0 });
  expect(restarted.out).toContain(`${api} api (pid ${after}): already claimed\n`);
  expect(await stage.view(api)).toMatchObject({ pid: after, state: "listening" });

  await stage.pm2("kill");
  await until("nothing listens", async () => !(await accepts(cluster)));
  for (const claim of await stage.list()) await stage.age(claim, 60);
  expect(await stage.acquire("--service", "mine", "--prefer", `${api}`)).toBe(api);
  expect(await stage.list()).toHaveLength(1);
});

test("a port that another owner has claimed is left alone, and reported", async () => {
  await using stage = new Pm2Stage();
  const taken = await stage.acquire("--service", "web", "--project", "another");
  stage.write("my-app/service.js", SERVICE);
  stage.env["PORT"] = `${taken}`;
  await stage.pm2("start", "service.js", "--name", "late");
  const pid = await stage.pidOf("late");
  const { code, out } = await stage.exec([SYNC]);
  expect(code).toBe(1);
  expect(out).toStartWith(`${taken} late (pid ${pid}): not claimed: port ${taken}`);
  expect(out).toContain('for "web" in another');
  await stage.pm2("kill");
});

test("without PM2, or with an unknown flag, it says so and exits", async () => {
  await using stage = new ShellSandbox();
  expect(await stage.exec([SYNC, "--dryrun"])).toEqual({
    code: 2,
    out: "",
    err: "portclaim-pm2-sync: usage: portclaim-pm2-sync [--dry-run]\n",
  });
  // A package's scripts have its own PM2 on their PATH.
  const folders = stage.env["PATH"]?.split(":").filter((folder) => !existsSync(`${folder}/pm2`));
  const { code, out, err } = await stage.exec([SYNC], { env: { PATH: folders?.join(":") ?? "" } });
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toContain("cannot run pm2");
});

test("it calls bunx if there is no command named portclaim", async () => {
  await using stage = new ShellSandbox();
  const node = Bun.which("node") ?? "";
  rmSync(stage.path("bin/portclaim"));
  const pid = process.pid;
  const list = [
    { name: "api", pid, pm2_env: { status: "online", args: "--port 4321", pm_cwd: stage.cwd } },
  ];
  stage.write(
    "bin/pm2",
    `#!/bin/sh\necho '[PM2] Spawning PM2 daemon'\necho '${JSON.stringify(list)}'\n`,
  );
  stage.write("bin/bunx", `#!/bin/sh\necho "$*" >> ${stage.path("calls")}\necho '{"how":"new"}'\n`);
  stage.env["PATH"] = `${stage.path("bin")}:/usr/bin:/bin`;
  const result = await stage.exec([node, SYNC]);
  expect(result).toEqual({ code: 0, out: `4321 api (pid ${pid}): claimed\n`, err: "" });
  expect(await Bun.file(stage.path("calls")).text()).toBe(
    `portclaim acquire --service api --prefer 4321 --exact --pid ${pid} --lease persistent --reuse --json\n`,
  );
});
