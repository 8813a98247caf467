import { beforeAll, expect, test } from "bun:test";
import { Agent } from "../../agent.ts";
import { until } from "../../harness.ts";
import { buildBinary } from "../../shell-sandbox.ts";
import { accepts, Stage } from "../../stage.ts";
import { changeServer, supervised } from "../../supervisor.ts";
import { doctor } from "./broken-registry.ts";

beforeAll(buildBinary);

const DETACHED = { detached: true };

/** A claim of an agent that lives and never binds it, made so many seconds ago. */
async function idle(stage: Stage, agent: Agent, seconds: number, ...flags: string[]) {
  const line = `portclaim acquire --service web ${flags.join(" ")}`;
  const { out } = await agent.exec(["bash", "-c", line], DETACHED);
  const claim = await stage.claimOf(out);
  await stage.age(claim, seconds);
  return claim.port;
}

const prefer = (stage: Stage, port: number) =>
  stage.portclaim("acquire", "--service", "mine", "--project", "mine", "--prefer", `${port}`);

test("after the grace a port that was never bound goes to who prefers it, and that is said", async () => {
  await using stage = new Stage();
  const agent = await Agent.start(stage);
  const port = await idle(stage, agent, 590);
  expect(await stage.state(port)).toBe("starting");
  expect((await prefer(stage, port)).out).not.toBe(`${port}\n`);
  await stage.portclaim("release", "--service", "mine", "--project", "mine");

  const claim = await stage.claim(port);
  if (claim) await stage.age(claim, 20);
  expect(await stage.state(port)).toBe("idle");
  const { out, err } = await prefer(stage, port);
  expect(out).toBe(`${port}\n`);
  expect(err).toContain(`took port ${port} over from "web" of my-app`);
  expect(err).toContain(`pid ${agent.pid}`);
  expect(await stage.list()).toMatchObject([{ port, project: "mine", state: "starting" }]);
});

test("its owner gets it back before that, however long it idled", async () => {
  await using stage = new Stage();
  const agent = await Agent.start(stage);
  const port = await idle(stage, agent, 3600);
  const { out } = await agent.exec(["bash", "-c", "portclaim acquire --service web"], DETACHED);
  expect(out).toBe(`${port}\n`);
  expect(await stage.state(port)).toBe("starting");
});

test("reap releases an idle ephemeral claim, doctor a persistent one too", async () => {
  await using stage = new Stage();
  const agent = await Agent.start(stage);
  const lasting = await idle(stage, agent, 3600, "--lease", "persistent");
  const passing = await idle(stage, agent, 3600, "--project", "other");
  expect((await prefer(stage, lasting)).out).not.toBe(`${lasting}\n`);
  const settled = await stage.json<{ port: number; action: string }[]>("reap");
  const actions = Object.fromEntries(settled.map(({ port, action }) => [port, action]));
  expect(actions).toMatchObject({ [lasting]: "kept", [passing]: "released" });
  expect(await stage.states()).toMatchObject({ [lasting]: "idle" });
  expect((await doctor(stage)).checks).toContainEqual(
    expect.objectContaining({ port: lasting, status: "fixed" }),
  );
  expect(await stage.state(lasting)).toBe("free");
});

test.each(["reap", "doctor"])(
  "%s leaves a young one alone, and says how to free it",
  async (command) => {
    await using stage = new Stage();
    const agent = await Agent.start(stage);
    const port = await idle(stage, agent, 0);
    const { code, out, err } = await stage.portclaim(command);
    expect(code).toBe(0);
    expect(out + err).toContain(`portclaim ${command} --grace 0s`);
    expect(await stage.state(port)).toBe("starting");
    await stage.portclaim(command, "--grace", "0s");
    expect(await stage.state(port)).toBe("free");
  },
);

test("a supervisor that restarts its server long after the grace keeps the port meanwhile", async () => {
  await using stage = new Stage();
  stage.env["AFTER"] = stage.write("ready", "");
  const agent = await Agent.start(stage);
  const acquire = "PORT=$(portclaim acquire --service web); echo $PORT";
  const line = `${acquire}; ${supervised(stage)} > /dev/null 2>&1 &`;
  const { out } = await agent.exec(["bash", "-c", line], DETACHED);
  const claim = await stage.claimOf(out);
  const { port } = claim;
  await until("the first child listens", () => accepts(port), 30);
  await stage.age(claim, 3600);

  const first = await stage.listener(port);
  await Bun.file(stage.path("ready")).delete();
  await changeServer(stage, first);
  expect((await prefer(stage, port)).out).not.toBe(`${port}\n`);
  await stage.json("reap");
  await doctor(stage);
  stage.write("ready", "");
  await until("the second child listens", () => accepts(port), 30);
  expect(await stage.view(port)).toMatchObject({ service: "web", state: "listening" });
});
