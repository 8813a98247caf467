import { beforeAll, expect, test } from "bun:test";
import { Agent } from "../../agent.ts";
import { until } from "../../harness.ts";
import { buildBinary } from "../../shell-sandbox.ts";
import { accepts, Stage } from "../../stage.ts";
import { Terminal } from "../../terminal.ts";
import { unusedPorts } from "../maintain/broken-registry.ts";

beforeAll(buildBinary);

/** What a person is shown. */
async function shown(stage: Stage, ...args: string[]): Promise<string[]> {
  await using terminal = new Terminal(stage, ["portclaim", "who", ...args]);
  expect(await terminal.child.exited).toBe(0);
  return (await terminal.shows(/\n$/)).trimEnd().split("\r\n");
}

test("a claim and all that listen on its port are shown, each with its directory", async () => {
  await using stage = new Stage();
  const port = await stage.acquire("--service", "web", "--agent", "claude-code");
  const stranger = stage.project("stranger");
  const v4 = await stage.start(port);
  const v6 = stage.spawn([stage.bun, stage.server, `${port}`, "::1"], { cwd: stranger });
  await until("it listens on ::1", () => accepts(port, "::1"));
  const who = await stage.json<{ claim: object; listeners: object[] }>("who", "--service", "web");
  expect(who).toMatchObject({
    port,
    problem: null,
    claim: { service: "web", agent: "claude-code", state: "listening", pid: process.pid },
  });
  const uid = process.getuid?.();
  expect(who.listeners).toHaveLength(2);
  expect(who.listeners).toContainEqual(
    expect.objectContaining({ pid: v4, cwd: stage.cwd, uid, addresses: ["127.0.0.1"] }),
  );
  expect(who.listeners).toContainEqual(
    expect.objectContaining({ pid: v6.pid, cwd: stranger, covered: true, addresses: ["::1"] }),
  );
  const [head, claimed, ...listeners] = await shown(stage, `${port}`);
  expect(head).toBe(`${port}  web of my-app, listening`);
  expect(claimed).toContain(`claimed by claude-code`);
  expect(claimed).toContain(`in ${stage.cwd}`);
  expect(listeners.join("\n")).toContain(`(pid ${v4}) listens on 127.0.0.1`);
  expect(listeners.join("\n")).toContain(`in ${stranger}`);
});

test("a listener that the claim doesn't cover is marked, and so is one without a claim", async () => {
  await using stage = new Stage();
  const agent = await Agent.start(stage);
  const line = "portclaim acquire --service web";
  const { out } = await agent.exec(["bash", "-c", line], { detached: true });
  const port = Number(out);
  const pid = await stage.start(port, {}, stage.project("stranger"));
  expect(await stage.json<object>("who", `${port}`)).toMatchObject({
    claim: { pid: agent.pid },
    listeners: [{ pid, covered: false }],
  });
  expect((await shown(stage, `${port}`)).at(-1)).toEndWith("; the claim doesn't cover it");

  await stage.portclaim("release", `${port}`, "--force");
  const lines = await shown(stage, `${port}`);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toBe(`${port}  not claimed`);
  expect(lines[1]).toContain(`(pid ${pid}) listens`);
});

test("where there is a claim and no server, or neither, that is what it says", async () => {
  await using stage = new Stage();
  const port = await stage.acquire("--service", "web");
  expect((await shown(stage, `${port}`)).at(-1)).toBe("  nothing listens on it");
  const [unused] = unusedPorts(stage, 1);
  const nobody = await stage.portclaim("who", `${unused}`);
  expect(nobody).toMatchObject({ code: 4, out: "" });
  expect(nobody.err).toContain(`Nobody claims port ${unused}, and nothing listens on it`);
  expect(await stage.portclaim("who", "--service", "api")).toMatchObject({ code: 4, out: "" });
  for (const target of [[], ["web"], [`${port}`, "--service", "web"], ["--project", "my-app"]]) {
    expect(await stage.portclaim("who", ...target)).toMatchObject({ code: 2, out: "" });
  }
});
