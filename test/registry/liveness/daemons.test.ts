import { describe, expect, test } from "bun:test";
import { MARK_VARIABLE } from "../../../registry/liveness/mark.ts";
import { Snapshot } from "../../../registry/liveness/snapshot.ts";
import type { Claim } from "../../../registry/model/claim.ts";
import { ownerRecord } from "../../../registry/owner/ownership.ts";
import { FakeMachine, type FakeProcess } from "../../fake-machine.ts";

const KTHREADD = 2;
const COMMAND = 500;

/** The state of a claim of `run` whose command has exited, after it started one more process. */
function stateWith(daemon: Partial<FakeProcess>, uid = 1000, after = 0): string {
  const machine = new FakeMachine();
  machine.uid = uid;
  machine.start({ pid: KTHREADD, parent: 0, uid: 0 });
  machine.advance(1);
  machine.start({ pid: COMMAND, argv: ["sh"] });
  const owner = ownerRecord(machine, machine.identity(), machine.callerFor(COMMAND));
  const claim: Claim = {
    port: 3000,
    pid: COMMAND,
    agent: null,
    project: "my-app",
    service: "web",
    claimed_at: "2026-03-17T14:32:01.123456Z",
    lease: "ephemeral",
    owner: { ...owner, serves: true, mark: "mine" },
  };
  machine.start({ pid: 501, parent: 1, uid: 1000, ...daemon });
  machine.end(COMMAND);
  machine.advance(after);
  return new Snapshot(machine.registry()).state(claim);
}

describe("the port of a command that has exited stays claimed", () => {
  test("while a process with its mark runs, for seconds", () => {
    const env = ["PATH=/bin", `${MARK_VARIABLE}=mine`];
    expect(stateWith({ env })).toBe("starting");
    expect(stateWith({ env }, 1000, 10)).toBe("dead");
  });

  test("while a process is replacing its program, and its environment reads as empty", () => {
    expect(stateWith({ env: [] })).toBe("starting");
    expect(stateWith({ env: [], uid: 1001 }, 0)).toBe("starting");
  });

  test.each<[string, Partial<FakeProcess>]>([
    ["has an environment without the mark", { env: ["PATH=/bin"] }],
    ["began before the claim", { env: [], start: 0 }],
    ["has ended", { env: [], ended: true }],
    ["is a kernel thread", { env: [], parent: KTHREADD, uid: 0 }],
    ["is another user's, so that its environment can't be read", { env: [], uid: 1001 }],
  ])("but not for a process that %s", (_, daemon) => {
    expect(stateWith(daemon)).toBe("dead");
  });

  test("nor for a kernel thread if root asks", () => {
    expect(stateWith({ env: [], parent: KTHREADD, uid: 0 }, 0)).toBe("dead");
  });
});
