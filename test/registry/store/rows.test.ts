import { beforeAll, expect, test } from "bun:test";
import { linkSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Agent } from "../../agent.ts";
import { until } from "../../harness.ts";
import { buildBinary } from "../../shell-sandbox.ts";
import { accepts, Stage } from "../../stage.ts";
import { doctor, JUNK, plant, unusedPorts } from "../maintain/broken-registry.ts";

beforeAll(buildBinary);

/** A claim whose agent has died, with the server that it left in the same directory. */
async function orphan(stage: Stage) {
  const agent = await Agent.start(stage);
  const line = `PORT=$(portclaim acquire --service web); echo $PORT; ${stage.serve} $PORT > /dev/null 2>&1 &`;
  const { out } = await agent.exec(["bash", "-c", line], { detached: true });
  const port = Number(out);
  await until("it listens", () => accepts(port));
  await agent.kill();
  return { port, path: join(stage.home, `claims/${port}.json`), pid: await stage.listener(port) };
}

test("row 14: a listener that nobody claimed is shown, and its port is not handed out", async () => {
  await using stage = new Stage();
  const [port = 0] = unusedPorts(stage, 1);
  const pid = await stage.start(port);
  const all = await stage.json<{ port: number; listeners?: { pid: number }[] }[]>("list", "--all");
  expect(JSON.stringify(all.filter((each) => each.port === port))).toContain(`"pid":${pid}`);
  expect(await stage.list()).toEqual([]);
  const prefer = ["--prefer", `${port}`, "--exact"];
  const refused = await stage.portclaim("acquire", "--service", "web", ...prefer);
  expect(refused).toMatchObject({ code: 3, out: "" });
  expect(refused.err).toContain(`(pid ${pid}) listens on it without a claim`);
});

test("row 30: a file named for one port that claims another holds the first and not the second", async () => {
  await using stage = new Stage();
  const web = await stage.acquire("--service", "web");
  const [named = 0, inside = 0] = unusedPorts(stage, 2);
  const text = readFileSync(join(stage.home, `claims/${web}.json`), "utf8");
  plant(stage, `${named}.json`, text.replaceAll(`${web}`, `${inside}`));
  const problem = `its port is ${inside}, its name says ${named}`;
  const listed = await stage.portclaim("list");
  expect(listed.err).toContain(`port ${named} is held`);
  expect(listed.err).toContain(problem);
  const prefer = (port: number) =>
    stage.portclaim("acquire", "--service", `on-${port}`, "--prefer", `${port}`, "--exact");
  expect(await prefer(named)).toMatchObject({ code: 3, err: expect.stringContaining(problem) });
  expect(await prefer(inside)).toMatchObject({ code: 0, out: `${inside}\n` });
  expect((await doctor(stage, "--dry-run")).checks).toContainEqual(
    expect.objectContaining({ port: named, message: expect.stringContaining(problem) }),
  );
});

test("row 31: what is named like no port is nobody's claim, and doctor names it", async () => {
  await using stage = new Stage();
  const port = await stage.acquire("--service", "web");
  const text = readFileSync(join(stage.home, `claims/${port}.json`), "utf8");
  for (const name of JUNK) plant(stage, name, text);
  const { code, out, err } = await stage.portclaim("list", "--json");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect((JSON.parse(out) as object[]).length).toBe(1);
  const { checks } = await doctor(stage);
  for (const name of JUNK) expect(JSON.stringify(checks)).toContain(`claims/${name} is no claim`);
});

test("row 32: what another version wrote into a claim survives its handover", async () => {
  await using stage = new Stage();
  const { port, path, pid } = await orphan(stage);
  const before = readFileSync(path, "utf8");
  const additions =
    '"x-count": 12345678901234567890,\n  "x-ratio": 1.50,\n  "x-list": [{ "é": null }],';
  const inside = '"x-owner": 0.10,';
  const planted = before
    .replace("{", `{\n  ${additions}`)
    .replace('"owner": {', `"owner": { ${inside}`);
  await Bun.write(path, planted);
  await stage.acquire("--service", "other", "--project", "other");

  const after = readFileSync(path, "utf8");
  expect(JSON.parse(after)).toMatchObject({ port, pid, service: "web", "x-list": [{ é: null }] });
  expect(after).toMatch(/"x-count": 12345678901234567890,/);
  expect(after).toMatch(/"x-ratio": 1\.50,/);
  expect(after).toMatch(/"x-owner": 0\.10,/);
  const claimed = (text: string) => (JSON.parse(text) as { claimed_at: string }).claimed_at;
  expect(claimed(after)).toBe(claimed(before));
});

test("row 33: a claim that is a hard link is replaced by its name alone", async () => {
  await using stage = new Stage();
  const { path, pid } = await orphan(stage);
  const elsewhere = stage.path("elsewhere.json");
  linkSync(path, elsewhere);
  const text = readFileSync(elsewhere, "utf8");
  await stage.acquire("--service", "other", "--project", "other");
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ pid });
  expect(readFileSync(elsewhere, "utf8")).toBe(text);
  expect(statSync(elsewhere).nlink).toBe(1);
});

test("row 51: a port that is claimed and not bound yet is held for as long as its owner lives", async () => {
  await using stage = new Stage();
  const agent = await Agent.start(stage);
  const line = "portclaim acquire --service web";
  const { out } = await agent.exec(["bash", "-c", line], { detached: true });
  const port = Number(out);
  expect(await accepts(port)).toBe(false);
  const exact = ["acquire", "--service", "mine", "--prefer", `${port}`, "--exact"];
  const refused = await stage.portclaim(...exact);
  expect(refused).toMatchObject({ code: 3, out: "" });
  expect(refused.err).toContain("starting");
  await stage.json("reap");
  expect(await stage.state(port)).toBe("starting");

  await agent.kill();
  expect(await stage.portclaim(...exact)).toMatchObject({ code: 0, out: `${port}\n` });
});
