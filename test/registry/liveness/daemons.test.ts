import { describe, expect, test } from "bun:test";
import { MARK_VARIABLE } from "../../../registry/liveness/mark.ts";
import { Snapshot } from "../../../registry/liveness/snapshot.ts";
import type { Claim } from "../../../registry/model/claim.ts";
import { ownerRecord } from "../../../registry/owner/ownership.ts";
import { FakeMachine, type FakeProcess } from "../../fake-machine.ts";

const KTHREADD = 2;
const COMMAND = 500;

/** The state of a claim of `run` whose command has exited, after it started one more process. */
function stateWith(daemon: Partial<FakeProcess>, after = 0): string {
  const machine = new FakeMachine();
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
  machine.start({ pid: 501, parent: 1, ...daemon });
  machine.end(COMMAND);
  machine.advance(after);
  return new Snapshot(machine.registry()).state(claim);
}

describe("the port of a command that has exited stays claimed", () => {
  test("while a process with its mark runs, for seconds", () => {
    const env = ["PATH=/bin", `${MARK_VARIABLE}=mine`];
    expect(stateWith({ env })).toBe("starting");
    expect(stateWith({ env }, 10)).toBe("dead");
  });

  test("while a process is being executed, and its environment and arguments read as empty", () => {
    expect(stateWith({ env: [], argv: [""] })).toBe("starting");
  });

  test.each<[string, Partial<FakeProcess>]>([
    ["has an environment without the mark", { env: ["PATH=/bin"], argv: [""] }],
    ["has no environment, but arguments", { env: [], argv: ["sleep", "9"] }],
    ["began before the claim", { env: [], argv: [""], start: 0 }],
    ["has ended", { env: [], argv: [""], ended: true }],
    ["is a kernel thread", { env: [], argv: [""], parent: KTHREADD }],
  ])("but not for a process that %s", (_, daemon) => {
    expect(stateWith(daemon)).toBe("dead");
  });
});
