import { describe, expect, test } from "bun:test";
import { MARK_VARIABLE } from "../../../registry/liveness/mark.ts";
import { Snapshot } from "../../../registry/liveness/snapshot.ts";
import type { Claim } from "../../../registry/model/claim.ts";
import { ownerRecord } from "../../../registry/owner/ownership.ts";
import { FakeMachine, type FakeProcess } from "../../fake-machine.ts";

const KTHREADD = 2;
const COMMAND = 500;

/** `emptyFor`: how often its environment reads as empty at first. */
type Daemon = Partial<FakeProcess> & { emptyFor?: number };

/** The state of a claim of `run` whose command has exited, after it started one more process. */
function stateWith({ emptyFor = 0, ...daemon }: Daemon, after = 0): string {
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
  const started = machine.start({ pid: 501, parent: 1, ...daemon });
  const { env } = started;
  let reads = 0;
  Object.defineProperty(started, "env", { get: () => (reads++ < emptyFor ? [] : env) });
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

  test("while a process is being executed, and its environment and arguments read as empty at first", () => {
    const marked = [`${MARK_VARIABLE}=mine`];
    expect(stateWith({ argv: [""], env: marked, emptyFor: 10 })).toBe("starting");
    expect(stateWith({ argv: [""], env: ["PATH=/bin"], emptyFor: 10 })).toBe("dead");
  });

  test.each<[string, Daemon]>([
    ["has an environment without the mark", { env: ["PATH=/bin"] }],
    ["has no environment, but arguments", { env: [], argv: ["sleep", "9"] }],
    ["began before the claim", { env: [`${MARK_VARIABLE}=mine`], start: 0 }],
    ["has ended", { env: [], argv: [""], ended: true }],
    ["is a kernel thread", { env: [], argv: [""], parent: KTHREADD }],
    ["stays without environment and arguments", { env: [], argv: [""] }],
  ])("but not for a process that %s", (_, daemon) => {
    expect(stateWith(daemon)).toBe("dead");
  });
});
