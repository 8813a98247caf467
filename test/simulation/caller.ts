import type { Caller } from "../../registry/owner/caller.ts";
import type { FakeProcess } from "../fake-machine.ts";
import type { Asker, Scene } from "./scene.ts";

/** A caller of portclaim, as the model sets it up. */
export interface Call {
  agent: FakeProcess;
  asker: Asker;
  cwd: string;
  caller: Caller;
  group: number | undefined;
  shell: FakeProcess | undefined;
  /** The call's own processes end. */
  end(): void;
}

export const ASKERS = ["throwaway shell", "shell in own group", "own group", "pid"] as const;

/** An agent calls, by a shell or without; a shell that `stays` is about to start a server. */
export function call(
  scene: Scene,
  agent: FakeProcess,
  asker: (typeof ASKERS)[number],
  cwd: string,
  stays = false,
): Call {
  const made = prepare(scene, agent, asker, cwd, stays);
  scene.isLineage = made.caller.isAncestor;
  return made;
}

function prepare(
  scene: Scene,
  agent: FakeProcess,
  asker: (typeof ASKERS)[number],
  cwd: string,
  stays: boolean,
): Call {
  const { machine } = scene;
  const over = () => void (scene.isLineage = () => false);
  const common = { agent, asker, cwd, end: over };
  if (asker === "pid") {
    const caller = machine.callerFor(agent.pid);
    return { ...common, caller, group: undefined, shell: undefined };
  }
  if (asker === "own group") {
    const caller = machine.caller(agent.pid);
    return { ...common, caller, group: agent.group, shell: undefined };
  }
  const pid = scene.newPid();
  const group = asker === "throwaway shell" ? pid : agent.group;
  const argv = ["bash", "-c", "PORT=$(portclaim acquire)"];
  const shell = machine.start({ pid, parent: agent.pid, group, argv, cwd });
  const end = () => {
    over();
    if (!stays) machine.end(pid);
  };
  return { ...common, caller: machine.caller(pid), group, shell, end };
}
