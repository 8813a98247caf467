import { describe, expect, test } from "bun:test";
import { askerFor } from "../../guard/hook.ts";
import { judge } from "../../guard/judge.ts";
import type { Claim } from "../../registry/model/claim.ts";
import { formatTime } from "../../registry/model/time.ts";
import { callerFor } from "../../registry/owner/caller.ts";
import { ownerRecord } from "../../registry/owner/ownership.ts";
import { AGENT, FakeMachine, HOME, PROJECT } from "../fake-machine.ts";

const OTHER_AGENT = 200;
const OWNER = 300;
const SERVER = 500;
const ELSEWHERE = `${HOME}/other`;

interface Case {
  /** The parents of the server, and of the claim's owner. Default: no one's. */
  server?: number;
  owner?: number;
  /** The claim's process: that of `run`, an agent, a program by the library, or one that has exited. Default: no claim. */
  claimedBy?: "run" | "agent" | "another agent" | "program" | "exited";
  /** The directory of the claim and of the server. Default: the caller's checkout. */
  cwd?: string;
  /** The sessions of the claim and of the caller. */
  session?: string;
  asking?: string;
  /** The user of the server. Default: the caller's. */
  uid?: number;
  /** The server's environment, and its port. Default: the claim's, 3000. */
  env?: string[];
  port?: number;
}

/** What the guard says to `kill SERVER` in the checkout PROJECT. */
function answerTo(given: Case, line = `kill ${SERVER}`): string | undefined {
  const { server = 1, owner = 1, claimedBy, cwd = PROJECT, session, asking } = given;
  const machine = new FakeMachine();
  for (const root of [PROJECT, ELSEWHERE]) machine.memory.put(`${root}/.git/HEAD`, "");
  machine.start({ pid: OTHER_AGENT, parent: 1, argv: ["codex"], cwd });
  const owners = { agent: AGENT, "another agent": OTHER_AGENT };
  const pid = claimedBy === "agent" || claimedBy === "another agent" ? owners[claimedBy] : OWNER;
  const argv = claimedBy === "program" ? ["node", "api.js"] : ["portclaim", "run"];
  if (pid === OWNER) machine.start({ pid, parent: owner, argv, cwd });
  if (claimedBy !== undefined) {
    const caller = {
      ...callerFor(machine, pid),
      ...(claimedBy === "run" && { serves: true }),
    };
    const claim: Claim = {
      port: 3000,
      pid,
      agent: "codex",
      project: "shop",
      service: "web",
      claimed_at: formatTime(machine.wall),
      lease: "ephemeral",
      cwd,
      root: cwd,
      owner: ownerRecord(machine, machine.where, caller, session),
    };
    machine.plant(3000, claim);
  }
  machine.advance(1);
  const parent = claimedBy === "run" ? OWNER : server;
  machine.start({
    pid: SERVER,
    parent,
    argv: ["node", "vite"],
    cwd,
    ...(given.uid && { uid: given.uid }),
    ...(given.env && { env: given.env }),
  });
  machine.listen(given.port ?? 3000, SERVER);
  if (claimedBy === "exited") machine.end(OWNER);
  const asker = askerFor(machine.registry(), PROJECT, asking, {});
  return judge(machine.registry(), { line, asker, variables: {} }).loss?.what;
}

/** A server without a claim that has left its agent, which has another claim. */
const DAEMON: Case = { claimedBy: "another agent", port: 4000 };

describe("a server is one's own", () => {
  test.each<[string, Case]>([
    [
      "if its claim carries the session that asks",
      { claimedBy: "another agent", cwd: ELSEWHERE, session: "s-1", asking: "s-1" },
    ],
    ["if the agent that asks owns its claim", { claimedBy: "agent", cwd: ELSEWHERE }],
    [
      "if that agent owns its claim, though its session is another since",
      { claimedBy: "agent", cwd: ELSEWHERE, session: "s-0", asking: "s-1" },
    ],
    [
      "if it descends from the agent that asks",
      { claimedBy: "another agent", server: AGENT, cwd: ELSEWHERE },
    ],
    [
      "if the owner of its claim descends from that agent",
      { claimedBy: "run", owner: AGENT, cwd: ELSEWHERE },
    ],
    ["if the owner of its claim has exited, and its checkout is this one", { claimedBy: "exited" }],
    [
      "if an ended session claimed it in this checkout, and its owner has exited",
      { claimedBy: "exited", session: "s-0", asking: "s-1" },
    ],
    ["if it was started by run in this checkout", { claimedBy: "run" }],
    [
      "if an ended session started it by run in this checkout",
      { claimedBy: "run", session: "s-0", asking: "s-1" },
    ],
    ["if no one has claimed it, and no agent has started it", { cwd: ELSEWHERE }],
    [
      "if it has no claim, and carries the session of an agent that has exited",
      { claimedBy: "exited", session: "session-0", env: ["ID=session-0"], port: 4000 },
    ],
    [
      "if it has no claim, and only another server of its agent's session is left",
      { claimedBy: "program", session: "session-0", env: ["ID=session-0"], port: 4000 },
    ],
    [
      "if it has no claim, and carries the session that asks",
      { ...DAEMON, session: "session-1", asking: "session-1", env: ["ID=session-1"] },
    ],
  ])("%s", (_, given) => expect(answerTo(given)).toBeUndefined());
});

describe("a server is another's", () => {
  test.each<[string, Case, string]>([
    ["if another agent owns its claim", { claimedBy: "another agent" }, "claim"],
    [
      "if another session owns its claim",
      { claimedBy: "another agent", session: "s-0", asking: "s-1" },
      "claim",
    ],
    ["if run started it in another checkout", { claimedBy: "run", cwd: ELSEWHERE }, "claim"],
    [
      "if its owner has exited, and its checkout is another",
      { claimedBy: "exited", cwd: ELSEWHERE },
      "claim",
    ],
    [
      "if a live agent started it by run in this checkout",
      { claimedBy: "run", owner: OTHER_AGENT, session: "s-0", asking: "s-1" },
      "claim",
    ],
    [
      "if it has no claim, and descends from another live agent",
      { server: OTHER_AGENT, cwd: ELSEWHERE },
      "server",
    ],
    [
      "if it has no claim, and carries the session of another live agent",
      { ...DAEMON, session: "session-0", asking: "session-1", env: ["ID=session-0"] },
      "server",
    ],
    [
      "if it has no claim, and carries the session of a program below another agent",
      {
        claimedBy: "program",
        owner: OTHER_AGENT,
        session: "session-0",
        env: ["ID=session-0"],
        port: 4000,
      },
      "server",
    ],
  ])("%s", (_, given, what) => expect(answerTo(given)).toBe(what as never));
});

test.each([
  [`kill ${SERVER}`, undefined],
  [`sudo kill ${SERVER}`, "server"],
])("another user's server is lost to a command as root alone: %s", (line, what) => {
  expect(answerTo({ server: OTHER_AGENT, cwd: ELSEWHERE, uid: 1001 }, line)).toBe(what as never);
});

test("the supervisor of another's server is another's too", () => {
  expect(answerTo({ claimedBy: "run", cwd: ELSEWHERE }, `kill ${OWNER}`)).toBe("claim");
});

test("another agent isn't ended", () => {
  expect(answerTo({}, `kill ${OTHER_AGENT}`)).toBe("agent");
});

test("an agent doesn't end itself, by its pid or as its shell's parent", () => {
  expect(answerTo({}, `kill ${AGENT}`)).toBe("itself");
  expect(answerTo({}, "kill -9 $PPID")).toBe("itself");
});
