import { beforeAll, describe, expect, test } from "bun:test";
import { readlinkSync, symlinkSync } from "node:fs";
import { INITIAL_PID_NAMESPACE } from "../../../native/linux/identity.ts";
import { Agent } from "../../agent.ts";
import {
  ASK,
  canStage,
  buildBinary,
  parentOf,
  quote,
  Scene,
  startOf,
} from "../../shell-sandbox.ts";

// A shell's child that goes on once the shell is gone, and whose parent is then init.
const afterParent = (line: string) =>
  `( while kill -0 $$ 2> /dev/null; do :; done; ${line} ) > /dev/null 2>&1 &`;

/** Who adopts orphans here: 1, or a nearer process that has asked the kernel for them. */
function adopter(): number {
  const line = `( while kill -0 $$ 2> /dev/null; do :; done; exec cat /proc/self/stat ) &`;
  const stat = Bun.spawnSync(["bash", "-c", line]).stdout.toString();
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** Whether orphans become children of a process that lives for ever. */
const orphansGoToInit =
  canStage() &&
  readlinkSync("/proc/self/ns/pid").includes(INITIAL_PID_NAMESPACE) &&
  adopter() === 1;

beforeAll(buildBinary);

async function agentWith(scene: Scene, line: string): Promise<Agent> {
  const agent = await Agent.start(scene);
  await agent.exec(["bash", "-c", line], { detached: true });
  return agent;
}

describe.if(orphansGoToInit)("a call whose parent is init", () => {
  test("is refused with a hint to name a process", async () => {
    await using scene = new Scene();
    await agentWith(scene, afterParent(`exec ${ASK} 2> ~/error`));
    expect(await scene.read("error")).toBe(
      "portclaim: Cannot tell whose claim this is: every process that asked ends with it\n" +
        "hint: name the process that the claim belongs to: --pid PID",
    );
    expect(await scene.list()).toEqual([]);
  });

  test("is heard if it names one", async () => {
    await using scene = new Scene();
    const agent = await Agent.start(scene);
    const line = afterParent(`exec ${ASK} --pid ${agent.pid} > ~/port`);
    await agent.exec(["bash", "-c", line], { detached: true });
    const claim = await scene.claimOf(await scene.read("port"));
    expect(claim.pid).toBe(agent.pid);
    expect(claim.owner?.start).toBe(startOf(agent.pid) ?? "");
  });
});

describe.if(orphansGoToInit)("a command line whose parent has gone", () => {
  const LINES = {
    "a subshell": `PORT=$(${ASK}); echo $BASHPID $PORT > ~/said; sleep 1000`,
    "a subshell that becomes its server": `PORT=$(${ASK} | cat); echo $BASHPID $PORT > ~/said; exec sleep 1000`,
    "a shell of its own": `exec sh -c 'PORT=$(${ASK}); echo $$ $PORT > ~/said; sleep 1000'`,
    "a shell under setsid": `exec setsid -w bash -c 'PORT=$(${ASK}); echo $$ $PORT > ~/said; sleep 1000'`,
  };

  test.each(Object.entries(LINES))("owns its claim: %s", async (_form, line) => {
    await using scene = new Scene();
    await agentWith(scene, afterParent(line));
    const [pid = 0, port] = (await scene.read("said")).split(" ").map(Number);
    const claim = await scene.claimOf(String(port));
    expect(parentOf(pid)).toBe(1);
    expect(claim.pid).toBe(pid);
    expect(claim.owner?.start).toBe(startOf(pid) ?? "");
  });
});

describe.if(canStage()).each(["supervisord", "crond", "containerd-shim"])("below %s", (name) => {
  // Known by the name of its program: bash serves as well as any.
  async function supervise(scene: Scene, line: string): Promise<void> {
    symlinkSync(Bun.which("bash") ?? "", scene.path(`bin/${name}`));
    scene.spawn([name, scene.write("line", `${line}\nsleep 1000\n`)]);
  }

  test("a call is refused as misuse", async () => {
    await using scene = new Scene();
    await supervise(scene, `${ASK} 2> ~/error\necho $? > ~/code`);
    expect(await scene.read("code")).toBe("2");
    expect(await scene.read("error")).toContain("--pid PID");
    expect(await scene.list()).toEqual([]);
  });

  test("a command line owns its claim", async () => {
    await using scene = new Scene();
    const line = `PORT=$(${ASK} | cat); echo $$ $PORT > ~/said; sleep 1000`;
    await supervise(scene, `sh -c ${quote(line)}`);
    const [pid = 0, port] = (await scene.read("said")).split(" ").map(Number);
    const claim = await scene.claimOf(String(port));
    expect(claim.pid).toBe(pid);
    expect(claim.owner?.start).toBe(startOf(pid) ?? "");
  });
});
