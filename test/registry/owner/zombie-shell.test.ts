import { expect, test } from "bun:test";
import { AGENT, FakeMachine } from "../../fake-machine.ts";

test.each([
  ["has been reaped", undefined],
  ["is still a zombie", { ended: true }],
])("a subshell in the background owns its claim and its group once its shell %s", (_, shell) => {
  const machine = new FakeMachine();
  const argv = ["bash", "-c", "( PORT=$(portclaim acquire web); serve $PORT ) &"];
  if (shell) machine.start({ pid: 200, parent: AGENT, argv, ...shell });
  machine.start({ pid: 201, parent: 1, group: 200, argv });
  machine.start({ pid: machine.pid, parent: 201, group: 200, argv: ["portclaim", "acquire"] });
  const { owner, throwaway } = machine.caller(201);
  expect([owner.pid, throwaway]).toEqual([201, true]);
});
